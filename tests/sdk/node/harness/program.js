import { spawn } from 'node:child_process';
import { until } from './until.js';

const stopWithin = 15_000;

// One of the programs under test as a child. What it prints is kept; it never outlives this process's tests.
export class Program {
  constructor(path, args, options) {
    this.name = path.split('/').pop();
    this.lines = [];
    this.ended = undefined;
    this.child = spawn(path, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    this.exit = new Promise((resolve) => {
      this.child.on('error', (error) => resolve((this.ended = String(error))));
      this.child.on('close', (code, signal) => resolve((this.ended = code ?? signal)));
    });
    for (const stream of [this.child.stdout, this.child.stderr]) this.#keep(stream);
    const kill = () => this.child.kill('SIGKILL');
    process.on('exit', kill);
    this.exit.then(() => process.off('exit', kill));
  }

  #keep(stream) {
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      this.lines.push(...lines);
    });
    stream.on('end', () => rest && this.lines.push(rest));
  }

  // What `find` makes of the lines printed so far, once it makes something of them.
  async printed(what, find) {
    try {
      return await until(what, () => {
        if (this.ended !== undefined) throw new Error(`${this.name} ended with ${this.ended}`);
        return find(this.lines);
      });
    } catch (error) {
      error.message += `\n${this.lines.join('\n')}`;
      throw error;
    }
  }

  // Throws unless it stops cleanly: exit code 0 and nothing from a sanitizer.
  async stop() {
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), stopWithin);
    await this.exit;
    clearTimeout(timer);
    const complaint = this.lines.find((line) => /runtime error:|Sanitizer/.test(line));
    if (this.ended !== 0 || complaint) {
      throw new Error(`${this.name} ended with ${this.ended}\n${this.lines.slice(-60).join('\n')}`);
    }
  }
}
