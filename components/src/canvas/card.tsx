/** A robot on the canvas. */
import { Handle, Position, useUpdateNodeInternals, type NodeProps } from '@xyflow/react'
import { memo, useEffect, type SyntheticEvent } from 'react'
import { Glyph } from './glyph'
import { useSheet } from './parts'
import type { Card, Port, State } from './types'

const STATES: Record<State, string> = { done: 'check_circle', waiting: 'hourglass_empty', failed: 'error', skipped: 'skip_next', running: 'play_circle' }

export const CardView = memo(function CardView({ id, data, isConnectable }: NodeProps<Card>) {
  const { info, tone, lost, input, wired } = data
  const sheet = useSheet()
  const measure = useUpdateNodeInternals()
  const ports = [...info.ports, ...lost]
  const shape = ports.map(p => p.id).join('\n') + input
  useEffect(() => measure(id), [id, shape, measure])
  const alone = ports.length === 1 && !ports[0]?.label
  const out = (port: Port) => (
    <Handle
      type="source" id={port.id} position={Position.Right} isConnectable={isConnectable && !lost.includes(port)}
      className={`${lost.includes(port) ? 'lost' : port.tone}${wired.includes(port.id) ? ' wired' : ''}`} aria-hidden="true"
    />
  )
  return (
    <div className={`rc ${tone}${info.state ? ` is-${info.state}` : ''}${info.problems.length ? ' wrong' : ''}`}>
      {input && <Handle type="target" id="in" position={Position.Left} isConnectable={isConnectable && info.input} className={info.input ? '' : 'lost'} aria-hidden="true" />}
      <div className="rc-body">
        <span className="tile"><Glyph name={info.icon} /></span>
        <div className="rc-words">
          <div className="rc-title">{info.label}</div>
          {info.summary && <div className="rc-sum">{info.summary}</div>}
          {info.note && <div className="rc-note">{info.note}</div>}
        </div>
      </div>
      {alone ? ports.map(p => <span key={p.id}>{out(p)}</span>) : ports.length > 0 && (
        <div className="ports">
          {ports.map(p => (
            <div key={p.id} className={`port ${lost.includes(p) ? 'lost' : p.tone}`} data-port={p.id}>
              <span title={p.label}>{p.label}</span>
              {out(p)}
            </div>
          ))}
        </div>
      )}
      {info.state && <span className="mark" title={sheet.label(`state_${info.state}`)}><Glyph name={STATES[info.state]} size={18} /></span>}
      {info.problems.length > 0 && <Badge id={id} problems={info.problems} />}
    </div>
  )
})

function Badge({ id, problems }: { id: string; problems: string[] }) {
  const sheet = useSheet()
  const title = sheet.label('problems')
  const show = (e: SyntheticEvent) => sheet.tip({ box: e.currentTarget.getBoundingClientRect(), side: 'above', title, lines: problems, bad: true })
  const hide = () => sheet.tip(null)
  return (
    <button
      type="button" className="badge nodrag" aria-label={`${title}: ${problems.join('; ')}`} onMouseEnter={show} onFocus={show} onMouseLeave={hide} onBlur={hide}
      onClick={() => sheet.act('open_problem', id)}
    >
      {problems.length}
    </button>
  )
}
