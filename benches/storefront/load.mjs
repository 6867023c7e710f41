// Requests at a constant rate, whatever the answers do: each is sent at its time and timed from that time, so that a
// server that stalls is charged for everyone who would have waited.
import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

const LATE = 5000

/**
 * One request; gives its status (0 when there was no answer in time), the milliseconds since `due`, and its text. A
 * connection that the server closed for idleness just then is not the page's failure: browsers ask again, and so does this.
 */
function send(agent, url, options, due) {
  const { headers, method = 'GET', body } = options
  return new Promise((resolve) => {
    const done = (status, text = '') => resolve({ status, text, at: due, ms: performance.now() - due })
    const request = http.request(url, { agent, method, headers, timeout: LATE }, (response) => {
      const chunks = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('end', () => done(response.statusCode, Buffer.concat(chunks).toString()))
      response.on('error', () => done(0))
    })
    request.on('timeout', () => request.destroy(new Error('late')))
    request.on('error', ({ code }) => {
      if (code === 'ECONNRESET' && request.reusedSocket) resolve(send(agent, url, options, due))
      else done(0)
    })
    request.end(body)
  })
}

/** `rate` requests a second for `seconds`; `make(i)` gives each its path and options. All answers, in order of sending. */
export async function load(url, rate, seconds, make, each = () => {}) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 256 })
  const start = performance.now()
  const answers = []
  for (let i = 0; i < rate * seconds; i++) {
    const due = start + (i * 1000) / rate
    const early = due - performance.now()
    if (early > 1) await sleep(early)
    const { path, ...options } = make(i)
    const answer = send(agent, url + path, options, due)
    answers.push(answer.then(({ text, ...rest }) => ({ ...rest, ...each(text, i) })))
  }
  const all = await Promise.all(answers)
  agent.destroy()
  return all
}

/** The q-quantile of numbers. */
export function quantile(numbers, q) {
  const sorted = Float64Array.from(numbers).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN
}
