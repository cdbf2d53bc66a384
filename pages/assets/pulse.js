var m=["click","keydown"];var c=class{acted=0;constructor(){for(let e of m)window.addEventListener(e,this.act,!0)}destroy(){for(let e of m)window.removeEventListener(e,this.act,!0)}act=()=>{this.acted=Date.now()};get busy(){let e=document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState;return Date.now()-this.acted<1e3||e!==void 0&&e!=="notRunning"}};var x=`.vk, .vk *, .vk *::before, .vk *::after { box-sizing: border-box; }
.vk {
  --bg: var(--st-background-color, #fff);
  --tx: var(--st-text-color, #1b2733);
  --bd: color-mix(in srgb, var(--tx) 15%, var(--bg));
  --bd2: color-mix(in srgb, var(--tx) 30%, var(--bg));
  --mut: color-mix(in srgb, var(--tx) 72%, var(--bg));
  --soft: color-mix(in srgb, var(--tx) 4%, var(--bg));
  --soft2: color-mix(in srgb, var(--tx) 9%, var(--bg));
  --card: var(--bg);
  --acc: var(--st-primary-color, #0f766e);
  --acc2: var(--st-link-color, var(--acc));
  --bad: #b3261e; --good: #14713d; --warn: #8a5300; --info: #1b5fa8; --violet: #6a3fb0;
  --r: 8px;
  position: relative;
  font: 400 14px/20px var(--st-font, Inter, system-ui, sans-serif);
  color: var(--tx);
  font-variant-numeric: tabular-nums;
  -webkit-font-smoothing: antialiased;
}
.vk.dark {
  --bg: var(--st-background-color, #11161c);
  --tx: var(--st-text-color, #e6eaef);
  --card: color-mix(in srgb, var(--tx) 5%, var(--bg));
  --soft: color-mix(in srgb, #000 22%, var(--bg));
  --bad: #ff9d94; --good: #6fd39a; --warn: #f2bd66; --info: #8cc2ff; --violet: #c5a6ff;
}
.vk [hidden] { display: none !important; }
.vk button, .vk input, .vk select { font: inherit; color: inherit; letter-spacing: inherit; }
.vk button { cursor: pointer; }
.vk button:disabled { cursor: default; }
.vk :focus { outline: none; }
.vk :focus-visible { outline: 2px solid var(--acc); outline-offset: 1px; }
.vk svg { display: block; flex: none; }
.vk .ic { border: 0; background: none; border-radius: 6px; padding: 0; width: 28px; height: 28px; display: inline-grid; place-items: center; color: var(--mut); flex: none; }
.vk .ic:hover { background: var(--soft2); color: var(--tx); }
.vk .who { display: inline-grid; place-items: center; border-radius: 50%; font-weight: 600; flex: none; line-height: 1; letter-spacing: .01em; }
.vk .sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.vk .toasts { position: fixed; left: 50%; bottom: 20px; transform: translateX(-50%); display: flex; flex-direction: column; gap: 8px; z-index: 1000; width: max-content; max-width: min(560px, calc(100vw - 32px)); }
.vk .toast { display: flex; gap: 10px; align-items: flex-start; padding: 10px 8px 10px 12px; border: 1px solid var(--bd2); border-left: 4px solid var(--info); border-radius: var(--r); background: var(--bg); overflow-wrap: anywhere; }
.vk .toast.bad { border-left-color: var(--bad); }
.vk .toast > svg { color: var(--info); }
.vk .toast.bad > svg { color: var(--bad); }
.vk .toast span { flex: 1; white-space: pre-wrap; }
.vk .toast .x { border: 0; background: none; padding: 1px; border-radius: 6px; color: var(--mut); }
.vk .menu { position: fixed; z-index: 900; min-width: 200px; max-width: min(320px, calc(100vw - 24px)); max-height: 320px; overflow: auto; padding: 4px; border: 1px solid var(--bd2); border-radius: var(--r); background: var(--bg); }
.vk .menu h4 { margin: 4px 8px; font: 500 12px/16px inherit; font-size: 12px; color: var(--mut); }
.vk .menu button { display: flex; gap: 8px; align-items: center; width: 100%; min-height: 32px; padding: 4px 8px; border: 0; border-radius: 6px; background: none; text-align: left; overflow-wrap: anywhere; }
.vk .menu button:hover:not(:disabled), .vk .menu button:focus-visible { background: var(--soft2); }
.vk .menu button:disabled { color: var(--mut); opacity: .7; }
.vk .menu button[aria-disabled='true'] span { color: var(--mut); }
.vk .menu span { flex: 1; min-width: 0; }
.vk .menu small { display: block; font-size: 12px; line-height: 16px; color: var(--mut); }
.vk .menu i { width: 10px; height: 10px; border-radius: 3px; flex: none; }
@media (pointer: coarse) { .vk .ic { width: 36px; height: 36px; } .vk .menu button { min-height: 44px; } }
@media (prefers-reduced-motion: reduce) { .vk *, .vk { transition: none !important; animation: none !important; } }
`;function g(n,e){let o=new WeakMap;return i=>{let a=i.parentElement,s=o.get(a);if(s)s.args=i,b(s.root),s.view.update(i.data);else{let r=document.createElement("style");r.textContent=x+n;let t=document.createElement("div");t.className="vk",a.append(r,t),b(t);let d={args:i,root:t};d.view=e({root:t,emit:(l,p)=>d.args.setTriggerValue(l,p),keep:(l,p)=>d.args.setStateValue(l,p)},i.data),o.set(a,d),d.view.update(i.data)}return()=>{let r=o.get(a);r&&(o.delete(a),r.view.destroy(),r.root.previousElementSibling?.remove(),r.root.remove())}}}function b(n){let e=getComputedStyle(n).getPropertyValue("--st-background-color"),o=e?k(e)<.35:matchMedia("(prefers-color-scheme: dark)").matches;return n.classList.toggle("dark",o),o}function k(n){let e=n.trim(),o;if(e.startsWith("#")){let r=e.length<6?[...e.slice(1)].map(t=>t+t).join(""):e.slice(1);o=[0,2,4].map(t=>parseInt(r.slice(t,t+2),16))}else o=(e.match(/[\d.]+/g)??["255","255","255"]).slice(0,3).map(Number);let[i=0,a=0,s=0]=o.map(r=>{let t=(Number.isFinite(r)?r:128)/255;return t<=.04045?t/12.92:((t+.055)/1.055)**2.4});return .2126*i+.7152*a+.0722*s}var v=0;function f(){return v=Math.max(v+1,Date.now()),v}var u=class{constructor(e){this.host=e}host;calm=new c;timer=0;seconds=0;update(e){e.seconds!==this.seconds&&(this.seconds=e.seconds,clearInterval(this.timer),this.timer=window.setInterval(()=>this.beat(),e.seconds*1e3))}destroy(){clearInterval(this.timer),this.calm.destroy()}beat(){!document.hidden&&!this.calm.busy&&this.host.emit("beat",f())}},V=g("",n=>new u(n));export{V as default};
