/// <reference path="../node_modules/node-pty/node-pty.d.ts" />

/** The package's types are declared under the name that it is published by. */
declare module 'node-pty' {
  export * from '@lydell/node-pty'
}
