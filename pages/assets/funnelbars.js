var x=`.funnel { container-type: inline-size; }
.funnel ol { list-style: none; margin: 0; padding: 0; }
.stage { display: grid; grid-template-columns: minmax(96px, 22%) 1fr minmax(84px, 26%); gap: 12px; align-items: center; width: 100%; min-height: 44px; padding: 3px 8px; border: 1px solid transparent; border-radius: var(--r); background: none; text-align: left; }
.stage:hover { background: var(--soft2); }
.stage[aria-pressed='true'] { border-color: var(--acc); background: color-mix(in srgb, var(--acc) 9%, var(--bg)); }
.title { font-weight: 500; display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow: hidden; overflow-wrap: anywhere; }
.room { display: flex; justify-content: center; min-width: 0; }
.bar { display: grid; place-items: center; width: var(--w); min-width: 44px; height: 34px; padding: 0 8px; border-radius: 6px; transition: width .25s ease-out; }
.bar b { font-weight: 600; white-space: nowrap; }
.sum { text-align: right; color: var(--mut); font-variant-numeric: tabular-nums; overflow-wrap: anywhere; text-wrap: balance; }
.went { display: flex; gap: 6px; align-items: center; justify-content: center; height: 20px; margin: 0 calc(26% + 20px) 0 calc(22% + 20px); color: var(--mut); font-size: 12px; line-height: 16px; }
.went i { width: 0; height: 0; border: 4px solid transparent; border-top: 5px solid currentColor; border-bottom: 0; }
.lost.first { margin-top: 10px; padding-top: 10px; border-top: 1px dashed var(--bd2); }
.empty { margin: 0; padding: 32px 12px; color: var(--mut); text-align: center; border: 1px dashed var(--bd2); border-radius: var(--r); }
@container (max-width: 520px) {
  .stage { grid-template-columns: 1fr auto; gap: 4px 12px; padding: 6px 8px; }
  .room { grid-column: 1 / -1; grid-row: 2; }
  .went { margin: 0; }
}
`;var h=`.vk, .vk *, .vk *::before, .vk *::after { box-sizing: border-box; }
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
`;var D=3e4,H=20,v=class{acts=[];talk="";of(t){t!==this.talk&&(this.acts=[]),this.talk=t}tell(t,e,r){let n=T();this.acts=[...this.acts.filter(o=>n-o.n<D),{n,name:e,value:r}].slice(-H),t.setTriggerValue("acts",{talk:this.talk,acts:this.acts})}},w=i=>h+i;function k(i,t){let e=new WeakMap;return r=>{let n=r.parentElement,o=e.get(n);if(o)o.args=r,o.teller.of(r.data.talk),b(o.root),o.view.update(r.data);else{let a=document.createElement("style");a.textContent=i;let s=document.createElement("div");s.className="vk",n.append(a,s),b(s);let d={args:r,root:s,teller:new v};d.teller.of(r.data.talk),d.view=t({root:s,emit:(c,p)=>d.teller.tell(d.args,c,p),keep:(c,p)=>d.args.setStateValue(c,p)},r.data),e.set(n,d),d.view.update(r.data)}return()=>{let a=e.get(n);a&&(e.delete(n),a.view.destroy(),a.root.previousElementSibling?.remove(),a.root.remove())}}}function b(i){let t=getComputedStyle(i).getPropertyValue("--st-background-color"),e=t?y(t)<.35:matchMedia("(prefers-color-scheme: dark)").matches;return i.classList.toggle("dark",e),e}function y(i){let t=i.trim(),e;if(t.startsWith("#")){let a=t.length<6?[...t.slice(1)].map(s=>s+s).join(""):t.slice(1);e=[0,2,4].map(s=>parseInt(a.slice(s,s+2),16))}else e=(t.match(/[\d.]+/g)??["255","255","255"]).slice(0,3).map(Number);let[r=0,n=0,o=0]=e.map(a=>{let s=(Number.isFinite(a)?a:128)/255;return s<=.04045?s/12.92:((s+.055)/1.055)**2.4});return .2126*r+.7152*n+.0722*o}function E(i){return y(i)>.179?"#000":"#fff"}function M(i,t="#7a8594"){return i&&/^#[0-9a-f]{3,8}$/i.test(i)?i:t}function u(i,t,e={}){return(i[t]??"").replace(/\{(\w+)\}/g,(r,n)=>n in e?String(e[n]):r)}var m=0;function T(){return m=Math.max(m+1,Date.now()),m}function l(i,t={},...e){let r=document.createElement(i);for(let[n,o]of Object.entries(t))if(!(o==null||o===!1))if(n.startsWith("on"))r.addEventListener(n.slice(2),o);else if(n==="style")for(let[a,s]of Object.entries(o))r.style.setProperty(a,s);else r.setAttribute(n==="cls"?"class":n,o===!0?"":String(o));for(let n of e)n&&r.append(n);return r}function g(i){let e=i.getRootNode().activeElement;return e&&i.contains(e)?e:null}var f=class{constructor(t){this.host=t;t.root.classList.add("funnel"),t.root.addEventListener("keydown",e=>this.key(e))}host;data;picked=null;shown="";at="";update(t){this.data=t,this.picked=t.selected;let e=JSON.stringify(t);e!==this.shown&&this.draw(),this.shown=e}destroy(){}draw(){let{stages:t,labels:e}=this.data;if(!t.length)return this.host.root.replaceChildren(l("p",{cls:"empty"},u(e,"empty")));let r=g(this.host.root)!==null;t.some(o=>o.id===this.at)||(this.at=this.picked??t[0]?.id??"");let n=l("ol",{"aria-label":u(e,"funnelbars")});t.forEach((o,a)=>n.append(this.row(o,t[a-1]))),this.host.root.replaceChildren(n),r&&this.button(this.at)?.focus({preventScroll:!0})}row(t,e){let{labels:r}=this.data,n=M(t.color),o=`${Math.round(Math.min(1,Math.max(0,t.share||0))*1e3)/10}%`,a=t.conversion_text&&`${u(r,"conversion")} ${t.conversion_text}`,s=l("span",{cls:"bar",style:{"--w":o,background:n,color:E(n)}},l("b",{},t.count_text)),d=l("button",{cls:"stage",type:"button","data-id":t.id,"aria-pressed":String(t.id===this.picked),tabindex:t.id===this.at?"0":"-1",onclick:()=>this.pick(t)},l("span",{cls:"title",title:t.title},t.title),l("span",{cls:"room"},s),l("span",{cls:"sum"},t.sum_text),a&&l("span",{cls:"sr"},`, ${a}`)),c=t.semantics==="F",p=t.conversion_text?l("div",{cls:"went",title:a,"aria-hidden":"true"},l("i"),t.conversion_text):null;return l("li",{cls:`${c?"lost":""}${c&&e?.semantics!=="F"?" first":""}`},p,d)}pick(t){this.picked=t.id,this.at=t.id,this.host.root.querySelectorAll(".stage").forEach(e=>{e.setAttribute("aria-pressed",String(e.dataset.id===t.id)),e.tabIndex=e.dataset.id===t.id?0:-1}),this.host.emit("pick",t.id)}button(t){return[...this.host.root.querySelectorAll(".stage")].find(e=>e.dataset.id===t)}key(t){let e=[...this.host.root.querySelectorAll(".stage")],r=e.indexOf(g(this.host.root)),n={ArrowDown:r+1,ArrowUp:r-1,Home:0,End:e.length-1}[t.key],o=n===void 0||r<0?void 0:e[Math.max(0,Math.min(e.length-1,n))];if(o){t.preventDefault(),this.at=o.dataset.id??"";for(let a of e)a.tabIndex=a===o?0:-1;o.focus()}}},j=k(w(x),i=>new f(i));export{j as default};
