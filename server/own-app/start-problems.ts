import { ForkwiseError } from '../../core/errors.ts'

/** The error of an app that lets nothing listen; `exports` says what it exports instead of an app. */
export function nothingListens(file: string, exports: string): ForkwiseError {
  return new ForkwiseError('APP_INVALID', {
    message: `Expected the app ${file} to listen or to export an app; its start is over, it has not called \`listen\`, and it has ${exports}.`,
    hint: 'Let it call `listen(process.env.PORT)`, or export the app as the default, or as `app`, `handler` or `server`, or a function that makes it as `createApp`.',
  })
}

/** The error of an app with several servers, none of them on PORT; null is a unix socket. */
export function severalListen(file: string, ports: readonly (number | null)[]): ForkwiseError {
  return new ForkwiseError('APP_INVALID', {
    message: `Expected one server of the app ${file} to listen on PORT; ${ports.length} servers listen, on ${ports.map((port) => port ?? 'a unix socket').join(' and ')}.`,
    hint: `Name the one to measure, e.g. \`--app-port ${ports.at(-1) ?? ports[0] ?? 3000}\`, or let it listen on \`process.env.PORT\`.`,
  })
}

/** The error of an app that exports itself and listens on PORT when its export is measured already, after `patienceMs`. */
export function listensLate(file: string, patienceMs: number): ForkwiseError {
  return new ForkwiseError('APP_INVALID', {
    message: `The app ${file} exports an app, which is measured, and has now called \`listen\` on PORT after all, later than ${patienceMs / 1000} s after it was loaded: it had not been ready before.`,
    hint: 'Say that it listens by itself: `--app-port PORT`.',
  })
}

/** The error of an app whose server on PORT is in another thread or process, where it can be neither found nor measured. */
export function listensElsewhere(file: string): ForkwiseError {
  return new ForkwiseError('APP_INVALID', {
    message: `Expected the app ${file} to listen in its main thread; a worker thread, or another process that it has started, listens on PORT instead, so every model would run its arrangement instead of theirs.`,
    hint: 'Give the file that listens. To measure the arrangement as it is, give its command: `--models single --start "node FILE"`; or start it yourself and name it with `--url`.',
  })
}
