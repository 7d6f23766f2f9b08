// An outside opinion: what a receiver of webhooks got, judged by the published libraries of both specifications.
// Standard input: one JSON object a line, {secret, headers, body}. Standard output: one a line, {verified, event, fault}.
import { HTTP } from "cloudevents";
import { createInterface } from "node:readline";
import { Webhook } from "standardwebhooks";

function judge({ secret, headers, body }) {
  try {
    const verified = new Webhook(secret).verify(body, headers);
    const event = HTTP.toEvent({ headers, body });
    event.validate();
    return { verified, event: event.toJSON() };
  } catch (fault) {
    return { fault: `${fault.name}: ${fault.message}` };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(judge(JSON.parse(line))));
}
