"use strict";
// Shows what the guardian tells and sends a stop. What is old is never shown as if it were fresh.
const body = document.body, view = body.dataset.view, el = id => document.getElementById(id);
const LATE = 1500, LOST = 3000, SOON = 15000, UNSENT = 1000;
const browser = (() => {
  const fresh = Math.random().toString(36).slice(2, 14) || "a";
  try { return localStorage.treadctl = localStorage.treadctl || fresh; } catch { return fresh; }
})();
let last = null, seen = 0, offset = Infinity, none = null, full = "", source = null, opened = 0, moved = false;
let press = null, stopped = false, said = false, audio = null, loud = false, segments = [];
const now = () => performance.now();

// --- what comes in ---------------------------------------------------------------------------------------------
function connect() {
  if (source) source.close();
  moved = false; opened = now();
  source = new EventSource("events/" + browser);
  const on = (name, take) => source.addEventListener(name, event => take(JSON.parse(event.data)));
  on("state", take);
  on("plan", plan => { segments = plan.segments; drawLine(); });
  on("said", told => { said = true; if (visual) cues.push(told); else text("caption", told.text); });
  on("none", told => { none = told; draw(); });
  on("full", told => { full = told.why; last = none = null; source.close(); draw(); });
  on("sound", sound);
  on("moved", () => { moved = true; source.close(); draw(); });
}
function take(state) {
  // What was held up on its way arrives late although it has just come: compare with the quickest so far.
  const took = now() - state.sent;
  offset = Math.min(offset, took);
  seen = now() - (took - offset);
  last = state; none = null; full = "";
  if (press && press.taken && state.safe && state.sent > press.sent) { stopped = true; press = null; }
  stopped = stopped && state.still;
  if (!said) text("caption", state.caption);
  draw();
}

// --- what is shown ---------------------------------------------------------------------------------------------
function text(id, words) { if (el(id).textContent !== words) el(id).textContent = words; }
function big(words) {
  const digits = words.length < 6;
  el("big").classList.toggle("words", !digits);
  el("big").style.setProperty("--letters", Math.max(digits ? 3 : 12, words.length));
  text("big", words);
}
function face(word, large, sub) { text("word", word); big(large); text("sub", sub); }
const minutes = ms => Math.floor(ms / 60000) + ":" + String(Math.floor(ms / 1000) % 60).padStart(2, "0");
const secondsOf = ms => (ms / 1000).toFixed(1) + " s";

function draw() {
  const silent = now() - seen, age = last ? silent + (last.age === null ? 0 : last.age) : Infinity;
  const gone = !last || silent >= LOST, moving = last && !last.safe;
  const late = !gone && (silent >= LATE || (last.age !== null && age >= LATE));
  loud = gone && !moved && (none ? none.moved : Boolean(moving)) || Boolean(press && !press.taken && now() - press.at >= UNSENT);
  const classes = { late, lost: gone && (loud || Boolean(last)), none: gone && !last, moved,
    backward: !gone && last.walking && last.facing === "BACKWARD", forward: !gone && last.walking && last.facing === "FORWARD",
    stopping: !gone && last.stopping, still: !gone && last.still, alarm: !gone && Boolean(last.alarm),
    soon: !gone && isSoon(last), unsent: Boolean(press && !press.taken && now() - press.at >= UNSENT) };
  for (const name in classes) body.classList.toggle(name, Boolean(classes[name]));
  el("simulated").hidden = !(last && last.sim);
  body.classList.toggle("tap", wantsTap());
  if (moved) face("ANOTHER TAB", "Open in another tab", "Tap here to use this one.");
  else if (gone) faceGone(silent);
  else if (last.alarm) face("", last.alarm, last.why);
  else if (wantsTap()) face("", "Tap once for sound", last.tap ? "Nothing begins until this page is heard." : "Then this page speaks.");
  else faceState(last, late, age);
  if (!gone) { text("program", last.program); drawBand(last, silent); drawRest(last); }
  text("foot", gone || moved ? "" : last.foot);
  drawStop(gone);
  drawSound();
}
function faceGone(silent) {
  if (full) return face("TOO MANY PAGES", full, "STOP works here, too.");
  if (!last && !loud) return face("NO DATA", none ? none.why : "Connecting", "");
  const how = last ? "nothing for " + Math.floor(silent / 1000) + " s" : "";
  face("NO DATA", loud ? "If the belt moves: pull the key." : none ? none.why : "No connection.", how);
}
function isSoon(s) { return s.walking && !s.stopping && s.next && s.next[1] <= SOON && s.next[1] > 0; }
function faceState(s, late, age) {
  const arrow = s.facing === "BACKWARD" ? "\u25BC " : s.facing === "FORWARD" ? "\u25B2 " : "";
  const known = s.speed !== null && !late, speed = known ? s.speed : "\u2013\u2013";
  const old = late ? " \u00B7 " + secondsOf(age) + " old" : "";
  const target = s.target === null ? "" : " \u00B7 target " + s.target + (s.reached && known ? " \u2713" : "");
  if (s.stopping) return face("STOP SENT", speed, s.unit + " until it is measured still" + old);
  if (s.number) return face("TYPE THIS NUMBER", String(s.number), s.ask);
  if (s.count !== null) return face(s.word, String(s.count), "");
  if (s.ask) return face(s.word, s.ask, s.why);
  if (isSoon(s)) return face(s.next[0], String(Math.ceil(s.next[1] / 1000)), arrow + s.word + " " + speed + " " + s.unit + old);
  if (s.walking) return face(arrow + s.word, speed, s.unit + target + old);
  face("", s.word, s.still ? s.why || "The belt is still." : speed + " " + s.unit + old);
}
function drawBand(s, silent) {
  const next = s.runs && s.next && !s.stopping;
  text("change", next ? s.next[0] : s.walking ? "" : s.why || s.foot);
  text("seconds", next ? minutes(Math.max(0, s.next[1] - silent) + 999) : "");
}
function drawRest(s) {
  const figures = [minutes(s.walked) + " of " + minutes(s.walk), s.bout[0] ? "bout " + s.bout[0] + " of " + s.bout[1] : "",
    s.incline === null ? "" : "incline " + s.incline + " %", s.heart === null ? "" : "HR " + s.heart,
    s.left ? "about " + Math.ceil(s.left / 60000) + " min left" : ""].filter(Boolean);
  text("figures", figures.join("   \u00B7   "));
  drawCursor(s);
}
const SVG = "http://www.w3.org/2000/svg";
function shape(name, attributes, parent) {
  const made = document.createElementNS(SVG, name);
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  return parent.appendChild(made);
}
function drawLine() {
  const line = el("line");
  line.replaceChildren();
  const hatch = shape("pattern", { id: "hatch", width: 8, height: 8, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, shape("defs", {}, line));
  shape("rect", { width: 8, height: 8, fill: "#000" }, hatch); shape("rect", { width: 4, height: 8, fill: "#ffd000" }, hatch);
  const total = segments.reduce((sum, s) => sum + s[1], 0) || 1, top = Math.max(1, ...segments.map(s => s[2]));
  let x = 0;
  for (const [kind, length, speed] of segments) {
    const width = 1000 * length / total, height = kind === "rest" ? 6 : 90 * speed / top;
    if (length) shape("rect", { x, y: 100 - height, width: Math.max(1, width - 1), height, fill: kind === "backward" ? "url(#hatch)" : kind === "forward" ? "#2f9e6b" : "#777" }, line);
    x += width;
  }
  shape("rect", { id: "cursor", y: 0, width: 5, height: 100, fill: "#fff", x: -10 }, line);
}
function drawCursor(s) {
  const cursor = el("cursor");
  if (!cursor || s.at === null || !segments[s.at]) return;
  const total = segments.reduce((sum, one) => sum + one[1], 0) || 1;
  const before = segments.slice(0, s.at).reduce((sum, one) => sum + one[1], 0);
  cursor.setAttribute("x", 1000 * (before + segments[s.at][1] - s.rest / 1000) / total);
}
function drawStop(gone) {
  const waited = press ? now() - press.at : 0;
  let word = "STOP", sub = gone ? "" : last.still ? "The belt is still." : last.foot === "ANY KEY STOPS" ? "" : last.foot;
  if (press && !press.taken) { word = waited < UNSENT ? "SENDING" : "NOT SENT"; sub = waited < UNSENT ? "" : "PULL THE KEY"; }
  else if (press || (!gone && last.stopping)) { word = "STOP SENT"; sub = gone ? "Not confirmed. Pull the key." : "until the belt is measured still"; }
  else if (stopped && !gone) { word = "STOPPED"; sub = "The belt is measured still."; }
  else if (!gone && view === "spotter" && last.helper === false) sub = last.still ? "Press once now: then this page counts." : "It works. Nobody relies on this page yet.";
  text("stopword", word); text("stopsub", sub);
  el("stopword").classList.toggle("long", word.length > 4);
}

// --- the stop --------------------------------------------------------------------------------------------------
function stop() {
  if (!press) press = { at: now(), taken: false, sent: Infinity };
  stopped = false;
  send(press, 0);
  draw();
}
async function send(which, tries) {
  const limit = new AbortController(), timer = setTimeout(() => limit.abort(), 1500);
  try {
    const answer = await fetch("stop", { method: "POST", signal: limit.signal, cache: "no-store" });
    if (answer.ok) { which.taken = true; which.sent = Math.min(which.sent, last ? last.sent : 0); }
  } catch { /* tried again below */ } finally { clearTimeout(timer); }
  if (!which.taken && press === which && tries < 200) setTimeout(() => send(which, tries + 1), 250);
  draw();
}
const pressed = event => { unlock(); if (event.cancelable) event.preventDefault(); stop(); };
el("stop").addEventListener("pointerdown", pressed);
el("stop").addEventListener("click", event => { if (!event.detail) pressed(event); }); // from a switch or a screen reader
addEventListener("keydown", event => { if (!event.repeat && !["Shift", "Control", "Alt", "Meta"].includes(event.key)) pressed(event); });
addEventListener("pointerdown", () => { unlock(); if (moved) connect(); });
addEventListener("pointerup", unlock);
addEventListener("contextmenu", event => event.preventDefault());

// --- signs of life ---------------------------------------------------------------------------------------------
// The helper's page is relied on, and so is the one behind the treadmill in visual mode: while they are seen, they say so.
const visual = body.dataset.visual === "true" && view !== "spotter", cues = [];
let cue = null;
const seenNow = () => document.visibilityState === "visible" && !moved && last && now() - seen < LATE;
const post = path => fetch(path, { method: "POST", cache: "no-store" }).catch(() => {});
setInterval(() => { if ((visual || view === "spotter") && seenNow()) post("attend"); }, 700);
setInterval(() => { // one cue after the other, each as long as it takes to read it
  if (!visual || !seenNow()) return;
  if (cue && now() >= cue.until) { post("shown/" + cue.id); cue = null; }
  if (!cue && cues.length) { cue = cues.shift(); cue.until = now() + 700 + 45 * cue.text.length; text("caption", cue.text); }
}, 100);

// --- sound, and a screen that stays on --------------------------------------------------------------------------
function unlock() { // a finger counts for the browser when it is lifted, a mouse and a key when they go down
  if (navigator.userActivation && !navigator.userActivation.isActive) return;
  try {
    audio = audio || new AudioContext();
    audio.resume().then(() => { offer("tap/"); draw(); });
  } catch { /* without a sound this page does not speak */ }
  awake();
}
function note(hertz, begin, end, type, height) { // a tone that begins or ends abruptly clicks
  const tone = audio.createOscillator(), volume = audio.createGain();
  tone.type = type; tone.frequency.value = hertz;
  volume.gain.setValueAtTime(0, begin); volume.gain.linearRampToValueAtTime(height, begin + 0.02);
  volume.gain.setValueAtTime(height, Math.max(begin + 0.02, end - 0.02)); volume.gain.linearRampToValueAtTime(0, end);
  tone.connect(volume).connect(audio.destination);
  tone.start(begin); tone.stop(end);
  return tone;
}
function beep() { // without data on every page; the belt's alarm on one that could speak, in the gaps between words
  const called = speaks() && last && last.alarm && audio.currentTime >= free;
  if (!(loud || called) || !unlocked()) return;
  beat = note(520, audio.currentTime, audio.currentTime + 0.5, "square", 0.7);
  body.dataset.beeps = Number(body.dataset.beeps || 0) + 1;
}

// --- the page that speaks ----------------------------------------------------------------------------------------
// The words come as sound files of the laptop's own voice: what is heard is the same everywhere, and known to have ended.
const speaker = body.dataset.speaker === "true" && view !== "spotter";
let playing = [], free = 0, turn = 0, beat = null, refused = "";
const unlocked = () => Boolean(audio && audio.state === "running");
const speaks = () => speaker && unlocked() && !refused && !moved;
const wantsTap = () => speaker && !refused && !moved && Boolean(last) && (last.tap || (!unlocked() && last.word === "READY"));
function hush() {
  turn += 1; free = 0;
  for (const one of playing) try { one.stop(); } catch { /* it has ended */ }
  playing = [];
}
async function sound(told) {
  if (!told.key && !told.notes.length) return hush();
  if (!speaks()) return; // the laptop notices that nothing is said, and speaks
  const mine = turn;
  if (told.notes.length) {
    let at = Math.max(free, audio.currentTime);
    if (at - audio.currentTime > 0.5) return; // a tone that late says a wrong time
    for (const [hertz, ms] of told.notes) {
      if (hertz) playing.push(note(hertz, at, at + ms / 1000, "sine", 0.3));
      at += ms / 1000;
    }
    free = at;
    body.dataset.tones = Number(body.dataset.tones || 0) + 1;
    return;
  }
  try {
    const answer = await fetch("sound/" + told.key, { cache: "no-store" });
    const data = await audio.decodeAudioData(await answer.arrayBuffer());
    if (mine !== turn) return;
    if (beat) beat.stop();
    const words = audio.createBufferSource(), at = Math.max(free, audio.currentTime);
    words.buffer = data; words.connect(audio.destination);
    words.onended = () => {
      playing = playing.filter(one => one !== words);
      if (mine === turn) setTimeout(() => post("spoken/" + told.key), 1000 * (audio.outputLatency || 0));
    };
    playing.push(words); words.start(at); free = at + data.duration;
    body.dataset.words = Number(body.dataset.words || 0) + 1;
  } catch { /* as above */ }
}
async function offer(word) { // a sign of life of the page that could speak, or the tap that asks it to
  if (!speaker || !unlocked() || moved || now() - seen >= LATE) return;
  try {
    const answer = await fetch(word + browser, { method: "POST", cache: "no-store" });
    refused = (await answer.json()).why;
  } catch { /* its silence is noticed */ }
}
function drawSound() {
  const words = moved ? "" : refused || (!unlocked() ? (speaker ? "Tap once for sound." : "Tap once: sound for lost data.")
    : !speaker ? "" : last && last.page ? "This page speaks." : "The laptop speaks.");
  text("sound", words);
}
let lock = null, video = false;
async function awake() {
  if (document.visibilityState !== "visible") return;
  if (navigator.wakeLock) {
    if (lock && !lock.released) return;
    try { lock = await navigator.wakeLock.request("screen"); text("sleep", ""); return; } catch { /* the video, then */ }
  }
  text("sleep", "No wake lock here: set this screen\u2019s timeout to never.");
  if (video) { el("awake").play().catch(() => {}); return; }
  try {
    const canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
    canvas.width = canvas.height = 16;
    el("awake").srcObject = canvas.captureStream(4);
    setInterval(() => { pen.fillStyle = pen.fillStyle === "#000000" ? "#010101" : "#000000"; pen.fillRect(0, 0, 16, 16); }, 250);
    video = true;
    await el("awake").play();
  } catch { /* the red line stays */ }
}
addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") { awake(); if (!moved && now() - seen >= LOST) connect(); } });

// --- time ------------------------------------------------------------------------------------------------------
setInterval(() => {
  // A stream that is dead, or that the browser gave up on, is opened anew.
  if (!moved && now() - Math.max(seen, opened) >= LOST && !(none && source.readyState === 1)) connect();
  draw();
}, 200);
setInterval(beep, 1000);
setInterval(offer, 700, "speak/");
connect(); awake(); draw();
