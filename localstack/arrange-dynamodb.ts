import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zip } from './zip.ts';

/**
 * `public class NoAgent { public static void premain(String arguments) {} }`, compiled for Java 17. LocalStack always
 * passes a Java agent, which in its own distribution lifts a limit that Weir does not reach.
 */
const NO_AGENT = Buffer.from(
  'yv66vgAAAD0ADAoAAgADBwAEDAAFAAYBABBqYXZhL2xhbmcvT2JqZWN0AQAGPGluaXQ+AQADKClWBwAIAQAHTm9BZ2VudAEABENvZGUBAAdwcmVt' +
    'YWluAQAVKExqYXZhL2xhbmcvU3RyaW5nOylWACEABwACAAAAAAACAAEABQAGAAEACQAAABEAAQABAAAABSq3AAGxAAAAAAAJAAoACwABAAkAAAAN' +
    'AAAAAQAAAAGxAAAAAAAA',
  'base64',
);

/** A manifest's line is at most 72 bytes; a longer one goes on in lines that begin with a space (JAR specification). */
function manifest(attributes: Readonly<Record<string, string>>): string {
  const wrap = (line: string): string =>
    line.length <= 70 ? line : `${line.slice(0, 70)}\r\n${wrap(` ${line.slice(70)}`)}`;
  const lines = Object.entries({ 'Manifest-Version': '1.0', ...attributes });
  return `${lines.map(([name, value]) => wrap(`${name}: ${value}`)).join('\r\n')}\r\n\r\n`;
}

/**
 * Makes the folder look like AWS's own download of DynamoDB Local, which is what LocalStack expects. The jars, as Maven
 * copied them, are already under `DynamoDBLocal_lib`.
 */
export function arrangeDynamoDb(folder: string): void {
  const library = join(folder, 'DynamoDBLocal_lib');
  for (const file of readdirSync(library)) {
    // Maven puts the version into the names of the native libraries; the loader looks for them without it.
    const plain = file.replace(/^(lib)?(sqlite4java-.+?)-\d[\d.]*(\.(?:so|dylib|dll|jnilib))$/, '$1$2$3');
    if (plain !== file) renameSync(join(library, file), join(library, plain));
  }
  const jars = readdirSync(library).filter((file) => file.endsWith('.jar'));
  const main = manifest({
    'Main-Class': 'com.amazonaws.services.dynamodbv2.local.main.ServerRunner',
    'Class-Path': jars.map((jar) => `DynamoDBLocal_lib/${jar}`).join(' '),
  });
  const agent = manifest({ 'Premain-Class': 'NoAgent' });
  writeFileSync(join(folder, 'DynamoDBLocal.jar'), zip({ 'META-INF/MANIFEST.MF': main }));
  writeFileSync(
    join(folder, 'ddb-local-loader-0.1.jar'),
    zip({ 'META-INF/MANIFEST.MF': agent, 'NoAgent.class': NO_AGENT }),
  );
}
