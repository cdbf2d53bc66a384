/** A wire: a curve, an arrow's head, and a cross to cut it with. */
import { BaseEdge, getBezierPath, type EdgeProps } from '@xyflow/react'
import { memo } from 'react'
import { useSheet } from './parts'
import type { Line } from './types'

export const WireView = memo(function WireView({ id, data, ...ends }: EdgeProps<Line>) {
  const sheet = useSheet()
  const { sourceX, sourceY, sourcePosition, targetX, targetY, targetPosition } = ends
  const [path, x, y] = getBezierPath({ sourceX, sourceY, sourcePosition, targetX: targetX - 6, targetY, targetPosition })
  return (
    <g className={`wire ${data?.tone}${data?.broken ? ' broken' : ''}${data?.faint ? ' faint' : ''}`}>
      <BaseEdge id={id} path={path} interactionWidth={22} />
      <path className="head" d={`M${targetX - 9},${targetY - 5} L${targetX},${targetY} L${targetX - 9},${targetY + 5} Z`} />
      {!data?.locked && (
        <g className="cut" transform={`translate(${x} ${y})`} onClick={e => (e.stopPropagation(), sheet.remove([], [id]))}>
          <title>{sheet.label('delete')}</title>
          <circle r="11" />
          <path d="M-4,-4 L4,4 M4,-4 L-4,4" />
        </g>
      )}
    </g>
  )
})
