// Spectral's own rules for OpenAPI and those of OWASP's API security list, all of them; what is left out, and why.
import rulesets from '@stoplight/spectral-rulesets';
import { schema } from '@stoplight/spectral-functions';
import owasp from '@stoplight/spectral-owasp-ruleset';

const judged = owasp.default ?? owasp;

// What callers send: answers are ours, and as long as what is stored.
const sent = (type) => ['requestBody', 'parameters'].flatMap((part) => [
  `$.paths[*]..${part}..[?(@ && @.type=="${type}")]`,
  `$.paths[*]..${part}..[?(@ && @.type && @.type.constructor.name === "Array" && @.type.includes("${type}"))]`,
]);

const limitedToWhatIsSent = (name, type, then) => {
  const rule = judged.rules[`owasp:api4:2023-${name}`];
  return { ...rule, given: sent(type), then: then ?? rule.then };
};

// A format or pattern has bounds of its own; a PDF or CSV body is bounded as `info` says.
const oneOf = (...words) => ({
  function: schema,
  functionOptions: { schema: { type: 'object', anyOf: words.map((required) => ({ required })) } },
});
const bounded = {
  string: oneOf(['maxLength'], ['enum'], ['const'], ['format'], ['pattern'], ['contentMediaType']),
  integer: oneOf(['minimum', 'maximum'], ['enum'], ['const'], ['format']),
};

const counted = (name, answers = '') => {
  const rule = judged.rules[`owasp:api4:2023-${name}`];
  return { ...rule, given: `$.paths[?(@property.startsWith('/v1/'))]..responses${answers}` };
};

export default {
  extends: [[rulesets.oas, 'all'], [judged, 'all']],
  rules: {
    'owasp:api4:2023-string-limit': limitedToWhatIsSent('string-limit', 'string', bounded.string),
    'owasp:api4:2023-integer-limit': limitedToWhatIsSent('integer-limit', 'integer', bounded.integer),
    'owasp:api4:2023-array-limit': limitedToWhatIsSent('array-limit', 'array'),
    // Names and reasons are free text in any language; control characters are refused, and length is bounded.
    'owasp:api4:2023-string-restricted': 'off',
    // Bounds say more than int32 or int64 does, and every caller's input has them.
    'owasp:api4:2023-integer-format': 'off',
    // Rates are for what is below /v1: probes, metrics and the documentation are not counted.
    'owasp:api4:2023-rate-limit-responses-429': counted('rate-limit-responses-429'),
    'owasp:api4:2023-rate-limit': counted('rate-limit', '[?(@property.match(/^(2|4)/))]'),
    // What is published is for everybody (V.3 of the plan); who may call what is held by tests/api/authorisation.txt.
    'owasp:api2:2023-read-restricted': 'off',
    // Access-Control-* are on every answer to an allowed origin, and on none by default: described once, in `info`.
    'owasp:api8:2023-define-cors-origin': 'off',
    // A summary says it; a description stands where there is more to say.
    'operation-description': 'off',
    // In the order of a round's life.
    'openapi-tags-alphabetical': 'off',
    // OpenAPI 3.1: `identifier` (SPDX) and `url` exclude each other.
    'license-url': 'off',
    // Each province runs its own; the contract is the same for all.
    'info-contact': 'off',
  },
};
