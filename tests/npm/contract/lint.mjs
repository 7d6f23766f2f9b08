// Lints openapi.yaml by redocly.yaml and spectral.mjs beside this file; a line for each finding, and 1 where there is one.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import redocly from '@redocly/openapi-core';
import spectral from '@stoplight/spectral-core';
import parsers from '@stoplight/spectral-parsers';
import ruleset from './spectral.mjs';

const contract = fileURLToPath(new URL('../../../openapi.yaml', import.meta.url));

async function byRedocly() {
  const config = await redocly.loadConfig({ configPath: fileURLToPath(new URL('redocly.yaml', import.meta.url)) });
  const problems = await redocly.lint({ ref: contract, config });
  return problems.filter((problem) => !problem.ignored).map((problem) => {
    const place = redocly.getLineColLocation(problem.location[0]);
    return `${place.start.line} redocly ${problem.ruleId}: ${problem.message} ${problem.location[0].pointer}`;
  });
}

async function bySpectral() {
  const linter = new spectral.Spectral();
  linter.setRuleset(new spectral.Ruleset(ruleset));
  const problems = await linter.run(new spectral.Document(readFileSync(contract, 'utf8'), parsers.Yaml, contract));
  return problems.map((problem) => `${problem.range.start.line + 1} spectral ${problem.code}: ${problem.message} ${problem.path.join('/')}`);
}

const findings = [...(await byRedocly()), ...(await bySpectral())];
for (const finding of findings) console.log(`openapi.yaml:${finding}`);
process.exitCode = findings.length ? 1 : 0;
