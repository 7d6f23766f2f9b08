// The event stream, by fetch: EventSource cannot send a key. It says that something happened; what, is read from the API.
import { ask } from "./api.js";

const SILENCE = 40000; // the service sends a comment every 15 seconds
const PAUSES = [500, 2000, 5000, 15000, 30000];

let stop = new AbortController();
let last = null; // the number of the newest event that was heard of

async function follow(signal, { heard, alive }) {
  const stream = new AbortController();
  const end = () => stream.abort();
  let timer = setTimeout(end, SILENCE);
  signal.addEventListener("abort", end);
  try {
    const answer = await ask("/v1/events/stream", { accept: "text/event-stream", signal: stream.signal }, last ? { "Last-Event-ID": last } : {});
    alive(true);
    heard(); // whatever happened before the stream was open
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(end, SILENCE);
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      let news = false;
      for (const line of lines) {
        if (line.startsWith("id:")) last = line.slice(3).trim();
        news ||= line.startsWith("data:");
      }
      if (news) heard();
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
  }
}

// Begins anew, as for another key.
export async function listen(hooks) {
  stop.abort();
  stop = new AbortController();
  const { signal } = stop;
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      await follow(signal, { ...hooks, alive: (yes) => { failures = 0; hooks.alive(yes); } });
    } catch (fault) {
      if (fault.status === 400) last = null; // a number that the service does not know, as after a restore
    }
    if (signal.aborted) return;
    hooks.alive(false);
    await new Promise((resume) => { setTimeout(resume, PAUSES[Math.min(failures, PAUSES.length - 1)] * (0.75 + Math.random() / 2)); });
  }
}
