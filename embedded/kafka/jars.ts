/**
 * The jars of Apache Kafka, fetched by Maven once into the user's cache and kept there: outside of the checkout, so that a clean one
 * finds them, and under their version, so that two checkouts do not disturb each other.
 *
 * The whole broker is one artifact of the registry with its dependencies: no archive is downloaded and nothing is installed.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Runs on Java 17 and later. */
export const kafkaVersion = '4.4.0';
/** What the broker writes of itself goes to standard error by it; Kafka's own choice is left out of the artifact. */
const loggerVersion = '1.7.36';
export const javaVersionMin = 17;

const fetchDeadlineMs = 300_000;
const askDeadlineMs = 30_000;

const run = promisify(execFile);

/** Something that Kafka needs is not on this machine. The message says what, and how to get it. */
export class KafkaMissing extends Error {
  override readonly name = 'KafkaMissing';
}

export const cacheFolder = (): string => {
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(cache, 'kopilka', `kafka-${kafkaVersion}`);
};

/** @throws KafkaMissing where there is no Java, or one that is too old. */
export const assertJava = async (): Promise<void> => {
  const answer = await run('java', ['-version'], { timeout: askDeadlineMs }).catch(() => null);
  if (!answer) throw new KafkaMissing('There is no Java: install a JRE 17 or later.');
  const version = Number(/version "(\d+)/.exec(answer.stderr)?.[1] ?? 0);
  if (version < javaVersionMin) {
    throw new KafkaMissing(`Java ${version} is too old for Kafka ${kafkaVersion}: install 17.`);
  }
};

const dependency = (group: string, artifact: string, version: string): string =>
  `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;

const project = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>kopilka</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    ${dependency('org.apache.kafka', 'kafka_2.13', kafkaVersion)}
    ${dependency('org.slf4j', 'slf4j-simple', loggerVersion)}
  </dependencies>
</project>
`;

/**
 * The folder of the jars; fetched where it is not there yet, which takes half a minute.
 * @throws KafkaMissing where there is no Maven, or it could not fetch them.
 */
export const ensureJars = async (): Promise<string> => {
  const folder = cacheFolder();
  const jars = join(folder, 'jars');
  if (existsSync(jars)) return jars;
  const made = join(folder, `fetching-${process.pid}`);
  mkdirSync(made, { recursive: true });
  try {
    const file = join(made, 'pom.xml');
    writeFileSync(file, project);
    const goal = 'dependency:copy-dependencies';
    const target = join(made, 'jars');
    const options = ['-B', '-q', '-f', file, goal, `-DoutputDirectory=${target}`];
    await run('mvn', [...options, '-DincludeScope=runtime'], { timeout: fetchDeadlineMs });
    // At once, so that a fetch that broke off leaves nothing that looks whole.
    if (!existsSync(jars)) renameSync(target, jars);
  } catch (error) {
    throw failedFetch(error);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
  return jars;
};

const failedFetch = (error: unknown): KafkaMissing => {
  const { code, stdout = '' } = error as { code?: string; stdout?: string };
  if (code === 'ENOENT') return new KafkaMissing('There is no Maven (mvn) to fetch Kafka with.');
  const [first = 'no answer in time'] = stdout.split('\n').filter((line) => line !== '');
  return new KafkaMissing(`Maven could not fetch Kafka ${kafkaVersion}: ${first}`);
};
