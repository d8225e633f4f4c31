// First in every npm script that runs TypeScript. Plain CommonJS, because an older Node cannot even load a .ts file.
const major = Number(process.versions.node.split('.')[0])
if (major < 22) {
  console.error(
    `Rollcall needs Node 22.19 or newer and this is ${process.version}. npm scripts normally bring Node 24 along ` +
      'from the "node" dev dependency: run `npm ci` again without --ignore-scripts and without --omit=dev.',
  )
  process.exit(1)
}
