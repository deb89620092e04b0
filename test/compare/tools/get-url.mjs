#!/usr/bin/env node
// Writes what a URL answers: a client for tests, the same everywhere.
const response = await fetch(process.argv[2])
console.log(response.status, response.headers.get('content-type'))
console.log(await response.text())
