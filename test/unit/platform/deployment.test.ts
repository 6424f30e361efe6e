/** What can be said about the deployment files without running them. */
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ProblemCode, problemStatuses, problemTitles } from '../../../api/problemCodes.js';
import { productFlags } from '../../../bench/child.js';
import { roles } from '../../../platform/config/process.js';
import { settings } from '../../../platform/config/settings.js';
import { packageRoot } from '../../../platform/packageRoot.js';
import { allRoutes } from '../api/allRoutes.js';

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
    for (const image of images) expect(image).to.match(/:v?\d+\.\d+\.?\d*/);
  });

  it('checks the health of every service that stays', () => {
    expect(dockerfile).to.contain('HEALTHCHECK').and.to.contain('USER node');
    for (const [name, text] of services) {
      if (name === 'eventstore-certificates' || text.includes('<<: *role')) continue;
      expect(text, name).to.contain('healthcheck:');
    }
  });

  it('gives Node the same flags wherever it starts, and what is measured has them, too', () => {
    const line = productFlags.join(' ');
    expect(fileOf('package.json')).to.contain(
      `node ${line} --enable-source-maps dist/cli/main.js start`,
    );
    expect(fileOf('cli', 'main.ts')).to.match(
      new RegExp(`^#!.* node ${line} --enable-source-maps\n`),
    );
    expect(dockerfile).to.contain(
      `"node", ${productFlags.map((flag) => `"${flag}"`).join(', ')}, `,
    );
  });

  it('takes every secret from the environment, without a default', () => {
    const secrets = all(compose, /(\$\{[A-Z_]*(?:PASSWORD|SECRET|KEY|TOKEN)[A-Z_]*[^}]*\})/g);
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
    for (const value of all(example, /^[A-Z_]*(?:PASSWORD|SECRET|TOKEN|DIGEST)=(.*)$/gm)) {
      expect(value).to.equal('');
    }
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
    const site = fileOf('deploy', 'nginx', 'site.conf');
    const hosts = all(site, /^ {2}server ([a-z]+):7780 resolve;$/gm);
    expect(new Set(hosts)).to.deep.equal(new Set(['pos', 'exchange', 'outreach', 'console']));
    for (const host of hosts) expect(services.get(host), host).to.contain("'--roles'");
    const asked = all(fileOf('deploy', 'nginx', 'nginx.conf'), /proxy_pass http:\/\/([a-z]+)/g);
    const groups = all(site, /^upstream ([a-z]+) \{$/gm);
    expect(groups).to.have.members([...new Set(asked)]);
    expect(dockerfile).to.contain('KOPILKA_PORT=7780');
  });

  it('gives files and streams the room that their routes do', () => {
    const nginx = fileOf('deploy', 'nginx', 'nginx.conf');
    const places = [...nginx.matchAll(/location ~ (\S+) \{\n([\s\S]*?)\n +\}/g)].map(
      ([, pattern = '', within = '']) => ({ pattern: new RegExp(pattern), within }),
    );
    const placeOf = (path: string) =>
      places.find(({ pattern }) => pattern.test(path.replace(/\{\w+\}/g, 'x')))?.within ?? '';
    const megabyte = 1_048_576;
    const large = allRoutes().filter(({ upload }) => (upload?.bytesMax ?? 0) > 2 * megabyte);
    expect(large.length).to.be.greaterThan(1);
    for (const { path, upload } of large) {
      const room = Number(/client_max_body_size (\d+)m;/.exec(placeOf(path))?.[1]);
      expect(room * megabyte, path).to.be.greaterThan(upload?.bytesMax ?? Infinity);
      expect(placeOf(path), path).to.contain('proxy_request_buffering off;');
    }
    const live = allRoutes().filter((route) => route.live);
    expect(live.length).to.be.greaterThan(0);
    for (const { path } of live) expect(placeOf(path), path).to.contain('proxy_buffering off;');
  });

  it('lets the gateway refuse in the words of the services', () => {
    const problems = fileOf('deploy', 'nginx', 'problems.conf');
    const written = [...problems.matchAll(/return (\d+) '(\{.*\})';/g)].map(([, status, json]) => ({
      returned: Number(status),
      ...(JSON.parse(json ?? '') as { code: string; title: string; status: number }),
    }));
    expect(written.length).to.be.greaterThan(6);
    for (const { returned, status, code, title } of written) {
      expect(status, code).to.equal(returned);
      // What depends on the request is tried with a real nginx.
      if (code.startsWith('$')) continue;
      expect(problemStatuses[code as ProblemCode], code).to.equal(status);
      expect(problemTitles[code as ProblemCode], code).to.equal(title);
    }
    for (const [, code, title] of fileOf('deploy', 'nginx', 'nginx.conf').matchAll(
      /^ {4}(?:default )?(credentials-\w+)(?: '(.*)')?;$/gm,
    )) {
      expect(problemTitles, code).to.have.property(code as ProblemCode);
      if (title !== undefined) expect(problemTitles[code as ProblemCode]).to.equal(title);
    }
  });
});
