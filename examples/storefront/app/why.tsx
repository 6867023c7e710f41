import type { Decision } from 'stoa-node'
import type { Visit } from 'stoa-node/react-router'

/** What the panel at the foot of a page tells. */
export interface Reasons {
  visitor: string
  source: string
  qa: boolean
  decisions: Pick<Decision, 'experiment' | 'variant' | 'reason'>[]
}

export function reasons({ visitorId, source, qa }: Visit, ...decisions: Decision[]): Reasons {
  return { visitor: visitorId, source, qa, decisions }
}

/** What stoa decided for this page, and why: for the people of the shop. */
export function Why({ visitor, source, qa, decisions }: Reasons) {
  return (
    <footer>
      <details>
        <summary>What stoa decided for this page</summary>
        <p>
          You are <code>{visitor}</code>; your attributes came from <code>{source}</code>.
          {qa && ' A QA link overrides decisions here, and nothing is exposed.'} Be <a href="/as/visitor-4">visitor-4</a>,{' '}
          <a href="/as/visitor-13">visitor-13</a> or <a href="/as/new">somebody new</a>.
        </p>
        <table>
          <thead>
            <tr>
              <th scope="col">Experiment</th>
              <th scope="col">Variant</th>
              <th scope="col">Reason</th>
            </tr>
          </thead>
          <tbody>
            {decisions.map(({ experiment, variant, reason }) => (
              <tr key={experiment} data-experiment={experiment} data-variant={variant} data-reason={reason}>
                <td>{experiment}</td>
                <td>{variant}</td>
                <td>{reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </footer>
  )
}
