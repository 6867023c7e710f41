import { Form, Link } from 'react-router'
import { stoaLoader } from 'stoa-node/react-router'

import { emit } from '../server/events.server'
import type { Route } from './+types/order'

export const meta = () => [{ title: 'Thank you: Harbour & Field' }]

const ANSWERS = ['Very unhappy', 'Unhappy', 'Neither', 'Happy', 'Very happy']

export async function action({ request, params, context }: Route.ActionArgs) {
  const visit = await stoaLoader(context)
  const score = Number((await request.formData()).get('score'))
  if (!Number.isInteger(score) || score < 1 || score > ANSWERS.length) return { answered: false }
  if (!visit.qa) emit({ type: 'survey', visitor: visit.visitorId, order: params.order, question: 'csat', score })
  return { answered: true }
}

export default function Order({ params, actionData }: Route.ComponentProps) {
  return (
    <>
      <h1>Thank you</h1>
      <p>
        Your order is <code>{params.order}</code>.
      </p>
      {actionData?.answered ? (
        <p role="status">Your answer helps us. Thank you.</p>
      ) : (
        <Form method="post" className="fields">
          <fieldset>
            <legend>How happy are you with this visit?</legend>
            {ANSWERS.map((answer, i) => (
              <label key={answer} className="choice">
                <input type="radio" name="score" value={i + 1} required /> {answer}
              </label>
            ))}
          </fieldset>
          <button>Send</button>
        </Form>
      )}
      <p>
        <Link to="/">Back to the shelf</Link>
      </p>
    </>
  )
}
