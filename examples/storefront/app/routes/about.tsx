export const meta = () => [{ title: 'About: Harbour & Field' }]

// Nothing here depends on who asks, so any cache may keep the page.
export const headers = () => ({ 'cache-control': 'public, max-age=60' })

export default function About() {
  return (
    <>
      <h1>About</h1>
      <p>
        Harbour &amp; Field is the example shop of stoa. Three of its surfaces are under experiment: the shipping offer, the
        product page and the cart. The foot of those pages says what was decided, and why.
      </p>
    </>
  )
}
