/** The stage: React Flow with our cards and wires, and the tools around it. */
import { Background, BackgroundVariant, ConnectionLineType, MiniMap, ReactFlow, type Connection, type FinalConnectionState } from '@xyflow/react'
import { useMemo } from 'react'
import { under } from '../lib/dom'
import { CardView } from './card'
import { Glyph } from './glyph'
import { GRID } from './graph'
import { Palette } from './palette'
import { Button, SheetContext, TipBox, useView } from './parts'
import type { Sheet } from './sheet'
import type { Card } from './types'
import { WireView } from './wire'

const NODES = { card: CardView }
const EDGES = { wire: WireView }
const SNAP: [number, number] = [GRID, GRID]
const HIDDEN = { hideAttribution: true }
const FAR = 40
const TONES = { trigger: 'var(--acc)', logic: 'var(--violet)', robot: 'var(--info)' }
const STATES = { done: 'var(--good)', waiting: 'var(--warn)', failed: 'var(--bad)', skipped: 'var(--bd2)', running: 'var(--info)' }

export function App({ sheet, root }: { sheet: Sheet; root: HTMLElement }) {
  const { data, narrow, open, tip } = useView(sheet)
  return (
    <SheetContext value={sheet}>
      <div className={`whole${narrow ? ' narrow' : ''}${data.readonly ? ' locked' : ''}`}>
        {!data.readonly && open && <Palette />}
        <div className="stage" tabIndex={-1} onPointerDown={() => narrow && open && sheet.put({ open: false })}>
          <Flow sheet={sheet} root={root} />
          <Tools sheet={sheet} />
        </div>
      </div>
      <TipBox tip={tip} />
    </SheetContext>
  )
}

function Flow({ sheet, root }: { sheet: Sheet; root: HTMLElement }) {
  const { nodes, edges, data, narrow } = useView(sheet)
  const names = useMemo(
    () => ({
      'node.a11yDescription.default': '', 'node.a11yDescription.keyboardDisabled': '', 'edge.a11yDescription.default': '', 'node.a11yDescription.ariaLiveMessage': () => '',
      'minimap.ariaLabel': sheet.label('minimap'), 'handle.ariaLabel': sheet.label('input'),
    }),
    [sheet, data.labels.minimap],
  )
  const first = useMemo(() => sheet.start(), [sheet])
  const locked = data.readonly
  const wire = (c: Connection) => sheet.connect(c.source, c.sourceHandle ?? '', c.target)
  /** A wire may also be let go over a card's body, or over nothing, to put a new robot there. */
  const dropped = (event: MouseEvent | TouchEvent, { isValid, fromHandle, toNode, from }: FinalConnectionState) => {
    sheet.fade(null)
    if (isValid || !fromHandle) return
    const at = 'changedTouches' in event ? event.changedTouches[0] : event
    if (!at) return
    const hit = under(root, at.clientX, at.clientY)
    const card = toNode?.id ?? hit?.closest<HTMLElement>('.react-flow__node')?.dataset.id
    const port = fromHandle.id ?? ''
    const start = from && sheet.flow?.flowToScreenPosition(from)
    const far = start && Math.hypot(at.clientX - start.x, at.clientY - start.y) > FAR
    if (card === fromHandle.nodeId && !far) return
    if (fromHandle.type === 'target') {
      const [only, ...others] = nodes.find(n => n.id === card)?.data.info.ports ?? []
      if (card && only && !others.length) sheet.connect(card, only.id, fromHandle.nodeId)
    } else if (card) sheet.connect(fromHandle.nodeId, port, card)
    else if (far && hit?.closest('.react-flow__pane')) sheet.addWired(fromHandle.nodeId, port, { x: at.clientX, y: at.clientY })
  }
  return (
    <ReactFlow
      nodes={nodes} edges={edges} nodeTypes={NODES} edgeTypes={EDGES} aria-label={sheet.label('canvas')} ariaLabelConfig={names}
      onInit={flow => void (sheet.flow = flow)} onNodesChange={changes => sheet.changeNodes(changes)} onEdgesChange={changes => sheet.changeEdges(changes)}
      onNodeDragStart={() => sheet.hold()} onNodeDragStop={() => sheet.release()} onSelectionDragStart={() => sheet.hold()} onSelectionDragStop={() => sheet.release()}
      onNodeDoubleClick={(_, n) => sheet.act('open', n.id)} onMoveStart={() => sheet.tip(null)}
      onConnect={wire} onConnectStart={(_, p) => sheet.fade(p.handleType === 'source' ? p.nodeId : null)} onConnectEnd={dropped} onClickConnectEnd={dropped}
      isValidConnection={c => sheet.refusal(c.source, c.sourceHandle ?? '', c.target) === null} connectionLineType={ConnectionLineType.Bezier} connectionRadius={26}
      nodesDraggable={!locked} nodesConnectable={!locked} nodesFocusable edgesFocusable={false} elementsSelectable deleteKeyCode={null} disableKeyboardA11y
      snapToGrid snapGrid={SNAP} minZoom={0.1} maxZoom={1.75} defaultViewport={first} zoomOnDoubleClick={false} zoomOnScroll={!locked} preventScrolling={!locked}
      nodeDragThreshold={3} autoPanSpeed={8} proOptions={HIDDEN}
    >
      <Background variant={BackgroundVariant.Dots} gap={2 * GRID} size={1.4} />
      {!narrow && nodes.length > 0 && (
        <MiniMap<Card> pannable zoomable ariaLabel={sheet.label('minimap')} nodeColor={n => (n.data.info.state ? STATES[n.data.info.state] : TONES[n.data.tone])} nodeBorderRadius={16} style={{ width: 168, height: 112 }} />
      )}
      {nodes.length === 0 && <div className="hint">{sheet.label('empty')}</div>}
    </ReactFlow>
  )
}

function Tools({ sheet }: { sheet: Sheet }) {
  const { data, nodes, edges, canUndo, canRedo, open } = useView(sheet)
  const chosen = sheet.chosen()
  const [only] = chosen
  const some = chosen.length > 0 || edges.some(e => e.selected)
  const word = (key: string) => sheet.label(key)
  return (
    <>
      {!data.readonly && !open && (
        <button type="button" className="unfold" aria-label={word('expand')} title={word('expand')} aria-expanded={false} onClick={() => sheet.put({ open: true })}>
          <Glyph name="add" />
          {word('palette')}
        </button>
      )}
      {!data.readonly && (
        <div className="tools" role="toolbar" aria-label={word('canvas')}>
          <Button icon="undo" label={word('undo')} run={() => sheet.undo()} off={!canUndo} />
          <Button icon="redo" label={word('redo')} run={() => sheet.redo()} off={!canRedo} />
          <i />
          <Button icon="route" label={word('connect')} run={() => only && sheet.connectFrom(only)} off={chosen.length !== 1} />
          <Button icon="content_copy" label={word('duplicate')} run={() => sheet.duplicate()} off={!chosen.length} />
          <Button icon="delete" label={word('delete')} run={() => sheet.remove()} off={!some} />
          <i />
          <Button icon="account_tree" label={word('layout')} run={() => sheet.arrange()} off={!nodes.length} />
        </div>
      )}
      <div className="tools zoom" role="group" aria-label={word('minimap')}>
        <Button icon="zoom_in" label={word('zoom_in')} run={() => void sheet.flow?.zoomIn({ duration: 150 })} />
        <Button icon="zoom_out" label={word('zoom_out')} run={() => void sheet.flow?.zoomOut({ duration: 150 })} />
        <Button icon="fit_screen" label={word('fit')} run={() => sheet.fit()} />
      </div>
    </>
  )
}

