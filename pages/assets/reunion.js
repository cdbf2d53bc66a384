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
`;var E=3e4,T=20,h=class{acts=[];talk="";of(e){e!==this.talk&&(this.acts=[]),this.talk=e}tell(e,t,n){let o=M();this.acts=[...this.acts.filter(i=>o-i.n<E),{n:o,name:t,value:n}].slice(-T),e.setTriggerValue("acts",{talk:this.talk,acts:this.acts})}};function x(r,e){let t=new WeakMap;return n=>{let o=n.parentElement,i=t.get(o);if(i)i.args=n,i.teller.of(n.data.talk),p(i.root),i.view.update(n.data);else{let s=document.createElement("style");s.textContent=r;let a=document.createElement("div");a.className="vk",o.append(s,a),p(a);let l={args:n,root:a,teller:new h};l.teller.of(n.data.talk),l.view=e({root:a,emit:(d,v)=>l.teller.tell(l.args,d,v),keep:(d,v)=>l.args.setStateValue(d,v)},n.data),t.set(o,l),l.view.update(n.data)}return()=>{let s=t.get(o);s&&(t.delete(o),s.view.destroy(),s.root.previousElementSibling?.remove(),s.root.remove())}}}function p(r){let e=getComputedStyle(r).getPropertyValue("--st-background-color"),t=e?L(e)<.35:matchMedia("(prefers-color-scheme: dark)").matches;return r.classList.toggle("dark",t),t}function L(r){let e=r.trim(),t;if(e.startsWith("#")){let s=e.length<6?[...e.slice(1)].map(a=>a+a).join(""):e.slice(1);t=[0,2,4].map(a=>parseInt(s.slice(a,a+2),16))}else t=(e.match(/[\d.]+/g)??["255","255","255"]).slice(0,3).map(Number);let[n=0,o=0,i=0]=t.map(s=>{let a=(Number.isFinite(s)?s:128)/255;return a<=.04045?a/12.92:((a+.055)/1.055)**2.4});return .2126*n+.7152*o+.0722*i}function u(r,e,t={}){return(r[e]??"").replace(/\{(\w+)\}/g,(n,o)=>o in t?String(t[o]):n)}var m=0;function M(){return m=Math.max(m+1,Date.now()),m}function c(r,e={},...t){let n=document.createElement(r);for(let[o,i]of Object.entries(e))if(!(i==null||i===!1))if(o.startsWith("on"))n.addEventListener(o.slice(2),i);else if(o==="style")for(let[s,a]of Object.entries(i))n.style.setProperty(s,a);else n.setAttribute(o==="cls"?"class":o,i===!0?"":String(i));for(let o of t)o&&n.append(o);return n}var D="/_stcore/host-config",S=401,H=200,A=2e3,N=15e3,R=["text","textarea","email","tel","url","number","search"],C='[data-testid="stDialog"] { visibility: hidden }',w=r=>r.isConnected&&r.value.trim()!=="",f=class{constructor(e){this.host=e;this.app&&this.watch.observe(this.app,{attributeFilter:["data-test-connection-state"]}),document.addEventListener("input",this.heard,!0),this.note(document.activeElement),this.look()}host;app=document.querySelector('[data-testid="stApp"]');watch=new MutationObserver(()=>this.look());typed=new Map;away=!1;kept="{}";labels={};timer=0;notice=null;update(e){this.labels=e.labels;let t=JSON.stringify(e.memory);t!==this.kept&&(this.kept=t,this.host.keep("memory",e.memory))}destroy(){this.watch.disconnect(),document.removeEventListener("input",this.heard,!0),clearTimeout(this.timer),this.notice?.remove()}heard=e=>this.note(e.composedPath()[0]);note(e){!(e instanceof HTMLInputElement||e instanceof HTMLTextAreaElement)||!R.includes(e.type)||e.value.trim()&&this.typed.set(e,{label:V(e),value:e.value,at:Date.now()})}look(){let e=this.app?.dataset.testConnectionState==="CONNECTED";e&&this.away&&this.back(),!e&&!this.away&&(this.timer=window.setTimeout(()=>{this.ask()},H)),this.away=!e}back(){clearTimeout(this.timer),this.notice?.remove(),this.notice=null,this.host.emit("back",null)}async ask(){let e=await fetch(D,{cache:"no-store"}).catch(()=>null);this.away&&(e?.status===S&&this.over(),this.timer=window.setTimeout(()=>{this.ask()},A))}over(){if(this.notice)return;let e=[...this.typed].filter(([t,n])=>w(t)||Date.now()-n.at<N);e.length?this.show(e.map(([t,n])=>w(t)?{...n,value:t.value}:n)):location.reload()}show(e){this.notice=c("div");let t=c("div",{cls:"vk"});for(let l of["--st-background-color","--st-text-color","--st-primary-color","--st-font"])t.style.setProperty(l,getComputedStyle(this.host.root).getPropertyValue(l));let n=c("a",{href:"/",target:"_blank",autofocus:!0},u(this.labels,"sign_in")),o=e.map(({label:l,value:d})=>c("div",{},c("label",{},l),c("pre",{tabindex:"0"},d))),i=u(this.labels,"ended"),s=c("dialog",{"aria-label":i},c("h2",{},i),c("p",{},u(this.labels,"typed")),...o,n);t.append(s);let a=c("style",{},C);s.addEventListener("close",()=>a.remove()),this.notice.append(a),this.notice.attachShadow({mode:"open"}).append(c("style",{},g+b),t),document.body.append(this.notice),p(t),s.showModal()}};function V(r){return r.getAttribute("aria-label")||r.labels?.[0]?.textContent||r.placeholder}var K=x("",r=>new f(r));export{K as default};
