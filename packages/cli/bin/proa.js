#!/usr/bin/env node
import '../dist/proa.js'
