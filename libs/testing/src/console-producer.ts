import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { configFile, DEFAULT_JARS_DIR, findJava } from '@orderstream/stack';

/** The console producer of Kafka itself, as somebody starts it who knows nothing of us, and types these lines into it. */
export async function typeIntoConsole(brokers: string, topic: string, lines: readonly string[]): Promise<void> {
  const java = await findJava(process.env['JAVA_HOME']);
  const logging = `-Dlog4j2.configurationFile=${pathToFileURL(configFile('kafka-tool-log4j2.xml')).href}`;
  const tool = ['-cp', join(DEFAULT_JARS_DIR, 'kafka', '*'), 'org.apache.kafka.tools.ConsoleProducer'];
  const options = ['--bootstrap-server', brokers, '--topic', topic];
  const child = spawn(java.command, ['-XX:TieredStopAtLevel=1', logging, ...tool, ...options]);
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => said.push(text));
  child.stdin.end(lines.map((line) => `${line}\n`).join(''));
  const [code] = (await once(child, 'close')) as [number | null];
  // It ends with 0 even where Kafka took nothing, but then it says so.
  // Lines of its log begin with their level; those of warnings tell of what was tried again.
  if (code !== 0 || /^ERROR\b/m.test(said.join(''))) throw new Error(`the console producer said: ${said.join('')}`);
}
