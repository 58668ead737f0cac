"""Everything a person looks at. A client asks and shows; it may hang, crash or be closed, and cannot reach the belt."""
