// What the stock JavaScript provider reads of one account, as JSON: node openfeature.mjs <address> <key>
import { OpenFeature } from '@openfeature/server-sdk';
import { OFREPProvider } from '@openfeature/ofrep-provider';

const [address, key] = process.argv.slice(2);
await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl: address, headers: [['Authorization', `Bearer ${key}`]] }));
const client = OpenFeature.getClient();
const acme = { targetingKey: 'acme' };
console.log(JSON.stringify({
  audit: await client.getBooleanValue('audit', false, acme),
  calls: await client.getNumberDetails('calls', 0, acme),
  tier: await client.getStringValue('tier', 'none', acme),
  roles: await client.getObjectValue('roles', {}, acme),
  nothing: await client.getNumberValue('nothing', 7, acme),
  nobody: (await client.getBooleanDetails('audit', false, { targetingKey: 'nobody' })).errorCode,
}));
