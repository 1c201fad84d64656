import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const settings = `[req]
prompt = no
distinguished_name = name
[name]
CN = Spillway tests
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost,IP:127.0.0.1
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
`;

// Leaves ca.pem, server.pem and server.key in the folder; the server is 127.0.0.1 and localhost.
export function makeCertificates(folder) {
  const file = (name) => join(folder, name);
  writeFileSync(file('openssl.cnf'), settings);
  const issue = (section, name, ...signer) =>
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-config',
        file('openssl.cnf'),
        '-extensions',
        section,
        '-days',
        '2',
        '-nodes',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-keyout',
        file(`${name}.key`),
        '-out',
        file(`${name}.pem`),
        ...signer,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
  issue('ca', 'ca', '-subj', '/CN=Spillway tests authority');
  issue('server', 'server', '-CA', file('ca.pem'), '-CAkey', file('ca.key'));
}
