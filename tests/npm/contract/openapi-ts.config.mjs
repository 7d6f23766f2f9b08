// The client of @hey-api/openapi-ts that round.ts uses: types, a function for each operation, and fetch.
export default {
  input: '../../../openapi.yaml',
  output: { path: 'hey' },
  plugins: ['@hey-api/typescript', '@hey-api/sdk', '@hey-api/client-fetch'],
  logs: { level: 'error', file: false },
};
