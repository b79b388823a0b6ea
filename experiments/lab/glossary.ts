import type { LabPicture, LabResult, LabWord } from '../../core/lab-record.ts'

/** A word of the trade with what it means in a few words, and how it is known in a text. */
interface GlossaryWord extends LabWord {
  readonly in: RegExp
}

/** In the order in which they are told: what others are explained with comes first. */
const GLOSSARY: readonly GlossaryWord[] = [
  word(
    'is_prime',
    /\bis_prime\b/,
    'a function that tests whether a number is prime, by dividing it by one number after the other: it computes all the time, and waits for nothing',
  ),
  word(
    'core',
    /\bcores?\b/,
    'a part of the processor that can compute by itself: with two of them, two things compute at the same time',
  ),
  word('process', /\bprocess(es)?\b/i, 'a running program with memory of its own'),
  word('thread', /\bthreads?\b/i, 'one line of work within a process; the threads of a process share its memory'),
  word(
    'event loop',
    /\bevent loops?\b|\bthe loop\b/i,
    'how one thread of Node does many things: it takes the next thing that is due, does it to its end, and takes the next; what takes long keeps all others waiting',
  ),
  word(
    'worker thread',
    /\bworker threads?\b/i,
    'a second thread in a process of Node, with JavaScript of its own and an event loop of its own',
  ),
  word('child process', /\bchild process(es)?\b/i, 'a process that another one has started'),
  word('timer', /\btimers?\b/i, 'has something done once some time has passed; the thread is free until then'),
  word('blocking sleep', /\bblocking sleep\b/, 'waits on the thread itself, which does nothing else meanwhile'),
  word('inline', /\binline\b/, 'done at once on the thread that asks for it, instead of being handed to another'),
  word('in slices', /\bslices?\b/, 'a piece at a time; between two pieces the thread can do something else'),
  word('nap', /\bnaps?\b/, 'a short pause in a computation in which the others on its thread get their turn'),
  word('yields', /\byields?\b|\byielding\b/, 'lets the others on the thread have their turn before it goes on'),
  word('promise', /\bpromises?\b/i, 'stands for a value that will be there later'),
  word(
    'async function',
    /`?\basync\b`? (function|call)|\basync calls?\b/,
    'a function that can pause at an `await` and go on later, on the same thread',
  ),
  word(
    'await',
    /\bawait(s|ed|ing)?\b/,
    'pauses a function until the value of a promise is there; the thread does other things meanwhile',
  ),
  word('Promise.all', /\bPromise\.all\b/, 'waits until the values of several promises are there'),
  word(
    'coroutine, task',
    /\bcoroutines?\b|\btasks? (nobody|of one thread)|\bawaited task\b|\ba task \d/i,
    'Python’s `async` function, and one that was begun and is under way',
  ),
  word('asyncio', /\basyncio\b/, 'the event loop of Python'),
  word(
    'setImmediate, setTimeout(0), scheduler.yield',
    /\bsetImmediate\b|\bsetTimeout\(0\)|\bscheduler\.yield\b/,
    'ways to tell Node to go on after the others have had their turn',
  ),
  word('pool', /\bpools?\b/i, 'workers (threads or processes) that are kept ready and take one job after the other'),
  word('poison pill', /\bpoison pills?\b/, 'an entry of a queue that tells the worker who takes it to stop'),
  word(
    'Piscina, a Piscina task',
    /\bPiscina\b/,
    'a library that keeps a pool of worker threads, and a call that it hands to one of them',
  ),
  word(
    'ProcessPoolExecutor, executor',
    /\bProcessPoolExecutor\b|\bexecutors?\b/,
    'the pools that come with Python, of threads or of processes',
  ),
  word('cluster worker', /\bcluster workers?\b/, 'one of several processes of Node that answer on the same port'),
  word('PM2 app', /\bPM2\b/, 'a server that PM2, a program for that, starts and keeps running'),
  word('rejection', /\brejections?\b/, 'the failure of a promise'),
  word(
    'rejected',
    /\brejects?\b|\brejected\b/,
    'whoever asked for the work is told that it failed, instead of getting a result',
  ),
  word(
    'event handler, listener',
    /\bevent handlers?\b|\blisteners?\b/,
    'a function that is called when something happens',
  ),
  word('SIGKILL', /\bSIGKILL\b/, 'the signal that ends a process at once, without asking it'),
  word(
    'process.exit, sys.exit, os._exit',
    /\bprocess\.exit\b|\bsys\.exit\b|\bos\._exit\b/,
    'calls with which a program ends itself; the last one does so at once',
  ),
  word('fib(n)', /\bfib\(\d+\)/, 'the n-th Fibonacci number, computed in the slow way: a large n computes for long'),
  word(
    'p99, 99th percentile',
    /\bp99s?\b|\b99th percentiles?\b/,
    'the time within which 99 of 100 were done: what the slowest 1 % exceed',
  ),
  word(
    '95 %, and two figures in brackets',
    /95 %|\(\d[\d.,]*–\d[\d.,]*\)/,
    'the range in which the true value lies, as far as these repetitions can tell: in 95 of 100 such experiments',
  ),
  word(
    'in turn (round robin)',
    /\bround robin\b|\bdealt in turn\b/,
    'the first customer to the first worker, the second to the second, and so on, whoever is busy',
  ),
  word(
    'closed loop, open loop',
    /\b(closed|open) loop\b/,
    'a load that sends each request after the answer to the one before, and one that sends each when it is due',
  ),
  word('shared memory', /\bshared memory\b/, 'memory that several threads read and write'),
  word('update', /\bupdates?\b/, 'here: one addition to the counter'),
  word(
    'Atomics, Atomics.add',
    /\bAtomics\b/,
    'JavaScript’s way to read and write shared memory in one step that no other thread can come between',
  ),
  word('mutex, lock', /\bmutex\b|\blocks?\b/, 'lets one thread at a time do something; the others wait'),
  word(
    'compare-and-exchange',
    /\bcompare-and-exchange\b/,
    'writes only if nobody has written since it read, and tries again otherwise',
  ),
  word('actor', /\bactors?\b/, 'an owner of data whom others ask by message to change it'),
  word('channel (CSP)', /\bchannels?\b/, 'hands a message from one to another, who must be there to take it'),
  word('snapshot', /\bsnapshots?\b/, 'a copy that nobody changes; a change is a new copy'),
  word('map and reduce', /\bmap and reduce\b/i, 'work on each piece by itself, then add the results up'),
  word('data-parallel', /\bdata-parallel\b/, 'each thread does the same with a part of its own of one large table'),
  word(
    'batch and speed layer',
    /\bspeed layer\b/,
    'one part counts what is old, now and then and thoroughly, another what has just come',
  ),
  word('202', /\b202\b/, 'HTTP’s answer “accepted”: the work is done later'),
  word('Redis', /\bRedis\b/, 'a database in memory; here the place where jobs wait for a worker'),
  word('BullMQ job', /\bBullMQ\b/, 'a piece of work that BullMQ, a library, keeps in Redis until a worker has done it'),
  word(
    'libuv',
    /\blibuv\b/,
    'the library of Node that talks to the operating system; it has four threads for what would keep the event loop waiting',
  ),
  word(
    'generator',
    /\bgenerators?\b/,
    'a function of Python that gives one value after the other, and pauses in between',
  ),
  word(
    'NGINX',
    /\bNGINX\b/,
    'a web server that stands in front of others, answers for files itself and hands on the rest',
  ),
  word(
    'Gunicorn, sync worker',
    /\bGunicorn\b|\bsync workers?\b/,
    'a server for sites in Python, and a process of it that takes one request, answers it, and then takes the next',
  ),
  word(
    'Uvicorn, ASGI',
    /\bUvicorn\b|\bASGI\b/,
    'a server for sites in Python on an event loop, and the way in which it calls the site: many requests at the same time',
  ),
  word('WSGI', /\bWSGI\b/, 'the older way in which a server calls a site in Python: one call for each request'),
]

function word(name: string, pattern: RegExp, means: string): GlossaryWord {
  return { word: name, in: pattern, means }
}

/** The words of the trade that some texts use, and those that explain them, each with what it means. */
export function wordsIn(texts: readonly string[]): readonly LabWord[] {
  const text = texts.join('\n')
  const used = GLOSSARY.filter((each) => each.in.test(text))
  const more = GLOSSARY.filter((each) => !used.includes(each) && used.some(({ means }) => each.in.test(means)))
  if (more.length > 0) return wordsIn([text, ...used.map(({ means }) => means)])
  return used.map(({ word: name, means }) => ({ word: name, means }))
}

/** Everything of a result that is read. */
export function textsOf(result: Omit<LabResult, 'words'>): readonly string[] {
  const { title, question, misconception, figures, cells, answers, claims, paragraph, pictures, servers } = result
  return [
    title,
    question,
    misconception,
    ...Object.values(figures).map((figure) => figure.title),
    ...cells.map(({ name }) => name),
    ...answers.flatMap(({ label, happened }) => [label, String(happened)]),
    ...claims.map(({ sentence }) => sentence),
    paragraph,
    ...pictures.flatMap(pictureTexts),
    servers.text,
    ...(result.change === null ? [] : [result.change.help]),
  ]
}

/** What is written in a picture: all its texts but those that say what it is. */
function pictureTexts(picture: LabPicture): string[] {
  const silent = new Set(['id', 'kind', 'style', 'tone'])
  const texts: string[] = []
  const visit = (value: unknown): void => {
    if (typeof value === 'string') texts.push(value)
    else if (typeof value === 'object' && value !== null)
      for (const [key, member] of Object.entries(value)) if (!silent.has(key)) visit(member)
  }
  visit(picture)
  return texts
}
