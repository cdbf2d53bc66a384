/** The few icons the components themselves show. */
import paths from 'virtual:icons/core'
import { svg } from './dom'

export const icon = (name: string, size = 20): SVGSVGElement => svg(paths[name] ?? '', undefined, size)
