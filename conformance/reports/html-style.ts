/** The page's only style sheet: it is to be read from a file, without a network. */
export const STYLE = `
body { font: 14px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; color: #1f2328; background: #fff; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .25rem .5rem; border-bottom: 1px solid #d1d9e0; }
th { position: sticky; top: 0; background: #f6f8fa; }
a { text-decoration: none; }
.figures span, td a, summary > span { display: inline-block; padding: 0 .4rem; border-radius: .3rem; white-space: nowrap; }
.passed { background: #dafbe1; color: #116329; }
.failed { background: #ffebe9; color: #a40e26; }
.policy { background: #fff8c5; color: #7d4e00; }
.notApplicable { background: #eaeef2; color: #59636e; }
.error { background: #a40e26; color: #fff; }
.none { color: #59636e; }
details { border-bottom: 1px solid #d1d9e0; padding: .3rem 0; }
summary { cursor: pointer; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .8rem; margin: .5rem 0 .5rem 1rem; }
dt { color: #59636e; }
dd { margin: 0; }
code { font-size: 12px; overflow-wrap: anywhere; }
`;
