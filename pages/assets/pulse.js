var f=["click","keydown"];var d=class{acted=0;constructor(){for(let t of f)window.addEventListener(t,this.act,!0)}destroy(){for(let t of f)window.removeEventListener(t,this.act,!0)}act=()=>{this.acted=Date.now()};get busy(){let t=document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState;return Date.now()-this.acted<1e3||t!==void 0&&t!=="notRunning"}};var b=`.vk, .vk *, .vk *::before, .vk *::after { box-sizing: border-box; }
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
`;var w=3e4,y=20,u=class{acts=[];talk="";of(t){t!==this.talk&&(this.acts=[]),this.talk=t}tell(t,r,n){let i=m();this.acts=[...this.acts.filter(s=>i-s.n<w),{n:i,name:r,value:n}].slice(-y),t.setTriggerValue("acts",{talk:this.talk,acts:this.acts})}};function k(a,t){let r=new WeakMap;return n=>{let i=n.parentElement,s=r.get(i);if(s)s.args=n,s.teller.of(n.data.talk),g(s.root),s.view.update(n.data);else{let o=document.createElement("style");o.textContent=b+a;let e=document.createElement("div");e.className="vk",i.append(o,e),g(e);let c={args:n,root:e,teller:new u};c.teller.of(n.data.talk),c.view=t({root:e,emit:(l,p)=>c.teller.tell(c.args,l,p),keep:(l,p)=>c.args.setStateValue(l,p)},n.data),r.set(i,c),c.view.update(n.data)}return()=>{let o=r.get(i);o&&(r.delete(i),o.view.destroy(),o.root.previousElementSibling?.remove(),o.root.remove())}}}function g(a){let t=getComputedStyle(a).getPropertyValue("--st-background-color"),r=t?D(t)<.35:matchMedia("(prefers-color-scheme: dark)").matches;return a.classList.toggle("dark",r),r}function D(a){let t=a.trim(),r;if(t.startsWith("#")){let o=t.length<6?[...t.slice(1)].map(e=>e+e).join(""):t.slice(1);r=[0,2,4].map(e=>parseInt(o.slice(e,e+2),16))}else r=(t.match(/[\d.]+/g)??["255","255","255"]).slice(0,3).map(Number);let[n=0,i=0,s=0]=r.map(o=>{let e=(Number.isFinite(o)?o:128)/255;return e<=.04045?e/12.92:((e+.055)/1.055)**2.4});return .2126*n+.7152*i+.0722*s}var v=0;function m(){return v=Math.max(v+1,Date.now()),v}var x=class{constructor(t){this.host=t}host;calm=new d;timer=0;seconds=0;update(t){t.seconds!==this.seconds&&(this.seconds=t.seconds,clearInterval(this.timer),this.timer=window.setInterval(()=>this.beat(),t.seconds*1e3))}destroy(){clearInterval(this.timer),this.calm.destroy()}beat(){!document.hidden&&!this.calm.busy&&this.host.emit("beat",m())}},V=k("",a=>new x(a));export{V as default};
