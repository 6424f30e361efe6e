/** What can be said about the deployment files without running them. */
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { roles, settings } from '../../../platform/config.js';
import { packageRoot } from '../../../platform/packageRoot.js';

const fileOf = (...path: string[]): string => readFileSync(join(packageRoot, ...path), 'utf8');
const all = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map((match) => match[1] ?? '');

/** The text of each service, by name. */
const servicesOf = (compose: string): Map<string, string> => {
  const block = /^services:\n([\s\S]*?)^networks:/m.exec(compose)?.[1] ?? '';
  const parts = block.split(/^ {2}(?=[a-z-]+:$)/m).slice(1);
  return new Map(parts.map((part) => [part.slice(0, part.indexOf(':')), part]));
};

describe('deployment', () => {
  const compose = fileOf('docker-compose.yml');
  const dockerfile = fileOf('Dockerfile');
  const services = servicesOf(compose);

  it('has the stores, the gateway and every role', () => {
    expect([...services.keys()]).to.include.members([
      ...['eventstore', 'postgres', 'mongo', 'kafka', 'nginx'],
      ...['pos', 'console', 'projections', 'workers'],
    ]);
    const played = all(compose, /'--roles', '([^']+)'/g).flatMap((list) => list.split(','));
    expect(played).to.have.members([...roles]);
  });

  it('pins every image to a version', () => {
    const images = [
      ...all(compose, /^ +image: (?!\$)(\S+)$/gm),
      ...all(dockerfile, /^FROM (\S+)/gm),
    ];
    expect(images.length).to.be.greaterThan(6);
    for (const image of images) expect(image).to.match(/:\d+\.\d+\.?\d*/);
  });

  it('checks the health of every service that stays', () => {
    expect(dockerfile).to.contain('HEALTHCHECK').and.to.contain('USER node');
    for (const [name, text] of services) {
      if (name === 'eventstore-certificates' || text.includes('<<: *role')) continue;
      expect(text, name).to.contain('healthcheck:');
    }
  });

  it('takes every secret from the environment, without a default', () => {
    const secrets = all(compose, /(\$\{[A-Z_]*(?:PASSWORD|SECRET|KEY)[A-Z_]*[^}]*\})/g);
    expect(secrets.length).to.be.greaterThan(4);
    for (const secret of secrets) expect(secret).to.match(/^\$\{[A-Z_]+:\?/);
    for (const value of all(compose, /^ +[A-Z_]*PASSWORD: (.*)$/gm)) {
      expect(value).to.match(/^\$\{/);
    }
  });

  it('lists every variable in .env.example, secrets left empty', () => {
    const example = fileOf('.env.example');
    const used = new Set(all(compose, /\$\{([A-Z_]+)/g));
    const listed = all(example, /^([A-Z_]+)=/gm);
    expect(listed).to.have.members([...used]);
    for (const value of all(example, /^[A-Z_]*PASSWORD=(.*)$/gm)) expect(value).to.equal('');
  });

  it('sets only settings that exist', () => {
    const known = Object.values(settings).map(({ env }) => env as string);
    const set = [
      ...all(compose, /^ +(KOPILKA_[A-Z_]+):/gm),
      ...all(dockerfile, /(KOPILKA_[A-Z_]+)=/g),
    ];
    expect(set.length).to.be.greaterThan(6);
    expect(known).to.include.members(set);
  });

  it('routes to services and ports that exist', () => {
    const nginx = fileOf('deploy', 'nginx', 'nginx.conf');
    const hosts = all(nginx, /^ {4}\S+ ([a-z]+);$/gm).filter((host) => services.has(host));
    expect(hosts).to.have.members(['pos', 'exchange', 'console']);
    expect(new Set(all(nginx, /proxy_pass http:\/\/[^:]+:(\d+)/g))).to.deep.equal(
      new Set(['7780']),
    );
    expect(dockerfile).to.contain('KOPILKA_PORT=7780');
  });
});
