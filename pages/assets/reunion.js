var g=`.vk, .vk *, .vk *::before, .vk *::after { box-sizing: border-box; }
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
`;var b=`dialog { width: min(560px, calc(100vw - 32px)); max-height: calc(100vh - 64px); overflow: auto; padding: 20px; border: 1px solid var(--bd2); border-radius: var(--r); background: var(--bg); color: var(--tx); }
dialog::backdrop { background: rgb(0 0 0 / 45%); }
h2 { margin: 0 0 8px; font-size: 18px; line-height: 24px; font-weight: 600; }
p { margin: 0 0 12px; color: var(--mut); }
label { color: var(--mut); font-size: 13px; }
pre { margin: 2px 0 12px; padding: 8px 10px; border-radius: 6px; background: var(--soft2); font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; user-select: all; }
a { display: inline-block; padding: 8px 16px; border-radius: 6px; background: var(--acc); color: var(--bg); font-weight: 600; text-decoration: none; }
`;var y=3e4,E=20,h=class{acts=[];talk="";of(t){t!==this.talk&&(this.acts=[]),this.talk=t}tell(t,e,o){let n=L();this.acts=[...this.acts.filter(r=>n-r.n<y),{n,name:e,value:o}].slice(-E),t.setTriggerValue("acts",{talk:this.talk,acts:this.acts})}};function x(a,t){let e=new WeakMap;return o=>{let n=o.parentElement,r=e.get(n);if(r)r.args=o,r.teller.of(o.data.talk),d(r.root),r.view.update(o.data);else{let s=document.createElement("style");s.textContent=a;let i=document.createElement("div");i.className="vk",n.append(s,i),d(i);let l={args:o,root:i,teller:new h};l.teller.of(o.data.talk),l.view=t({root:i,emit:(u,m)=>l.teller.tell(l.args,u,m),keep:(u,m)=>l.args.setStateValue(u,m)},o.data),e.set(n,l),l.view.update(o.data)}return()=>{let s=e.get(n);s&&(e.delete(n),s.view.destroy(),s.root.previousElementSibling?.remove(),s.root.remove())}}}function d(a){let t=getComputedStyle(a).getPropertyValue("--st-background-color"),e=t?T(t)<.35:matchMedia("(prefers-color-scheme: dark)").matches;return a.classList.toggle("dark",e),e}function T(a){let t=a.trim(),e;if(t.startsWith("#")){let s=t.length<6?[...t.slice(1)].map(i=>i+i).join(""):t.slice(1);e=[0,2,4].map(i=>parseInt(s.slice(i,i+2),16))}else e=(t.match(/[\d.]+/g)??["255","255","255"]).slice(0,3).map(Number);let[o=0,n=0,r=0]=e.map(s=>{let i=(Number.isFinite(s)?s:128)/255;return i<=.04045?i/12.92:((i+.055)/1.055)**2.4});return .2126*o+.7152*n+.0722*r}function p(a,t,e={}){return(a[t]??"").replace(/\{(\w+)\}/g,(o,n)=>n in e?String(e[n]):o)}var v=0;function L(){return v=Math.max(v+1,Date.now()),v}function c(a,t={},...e){let o=document.createElement(a);for(let[n,r]of Object.entries(t))if(!(r==null||r===!1))if(n.startsWith("on"))o.addEventListener(n.slice(2),r);else if(n==="style")for(let[s,i]of Object.entries(r))o.style.setProperty(s,i);else o.setAttribute(n==="cls"?"class":n,r===!0?"":String(r));for(let n of e)n&&o.append(n);return o}var M="/_stcore/host-config",S=401,D=200,H=2e3,A=["text","textarea","email","tel","url","number","search"],N='[data-testid="stDialog"] { visibility: hidden }',f=class{constructor(t){this.host=t;this.app&&this.watch.observe(this.app,{attributeFilter:["data-test-connection-state"]}),document.addEventListener("input",this.heard,!0),this.look()}host;app=document.querySelector('[data-testid="stApp"]');watch=new MutationObserver(()=>this.look());typed=new Set;away=!1;kept="{}";labels={};timer=0;notice=null;update(t){this.labels=t.labels;let e=JSON.stringify(t.memory);e!==this.kept&&(this.kept=e,this.host.keep("memory",t.memory))}destroy(){this.watch.disconnect(),document.removeEventListener("input",this.heard,!0),clearTimeout(this.timer),this.notice?.remove()}heard=t=>{let e=t.composedPath()[0];(e instanceof HTMLInputElement||e instanceof HTMLTextAreaElement)&&A.includes(e.type)&&this.typed.add(e)};look(){let t=this.app?.dataset.testConnectionState==="CONNECTED";t&&this.away&&this.back(),!t&&!this.away&&(this.timer=window.setTimeout(()=>{this.ask()},D)),this.away=!t}back(){clearTimeout(this.timer),this.notice?.remove(),this.notice=null,this.host.emit("back",null)}async ask(){let t=await fetch(M,{cache:"no-store"}).catch(()=>null);this.away&&(t?.status===S&&this.over(),this.timer=window.setTimeout(()=>{this.ask()},H))}over(){if(this.notice)return;let t=[...this.typed].filter(e=>e.isConnected&&e.value.trim());t.length?this.show(t):location.reload()}show(t){this.notice=c("div");let e=c("div",{cls:"vk"});for(let l of["--st-background-color","--st-text-color","--st-primary-color","--st-font"])e.style.setProperty(l,getComputedStyle(this.host.root).getPropertyValue(l));let o=c("a",{href:"/",target:"_blank",autofocus:!0},p(this.labels,"sign_in")),n=t.map(l=>c("div",{},c("label",{},R(l)),c("pre",{tabindex:"0"},l.value))),r=p(this.labels,"ended"),s=c("dialog",{"aria-label":r},c("h2",{},r),c("p",{},p(this.labels,"typed")),...n,o);e.append(s);let i=c("style",{},N);s.addEventListener("close",()=>i.remove()),this.notice.append(i),this.notice.attachShadow({mode:"open"}).append(c("style",{},g+b),e),document.body.append(this.notice),d(e),s.showModal()}};function R(a){return a.getAttribute("aria-label")||a.labels?.[0]?.textContent||a.placeholder}var G=x("",a=>new f(a));export{G as default};
