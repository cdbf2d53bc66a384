/** What the canvas is given, and what it draws from it. */
import type { Edge, Node } from '@xyflow/react'
import type { Labels } from '../lib/component'

export type PortTone = 'good' | 'bad' | 'plain'
export type Tone = 'trigger' | 'logic' | 'robot'
export type State = 'done' | 'waiting' | 'failed' | 'skipped' | 'running'

export interface Port { id: string; label: string; tone: PortTone }
export interface Info {
  id: string; kind: string; label: string; summary: string; icon: string; group: string; x: number; y: number
  input: boolean; ports: Port[]; problems: string[]; state: State | null; note?: string
}
export interface Wire { id: string; source: string; target: string; port: string }
export interface Kind { kind: string; label: string; help: string; icon: string; group: string; input: boolean; ports: Port[] }
export interface Group { id: string; label: string; tone?: Tone }
export interface Data {
  rev: number | string; nodes: Info[]; edges: Wire[]; palette: Kind[]; groups: Group[]; labels: Labels
  dark: boolean | null; readonly: boolean; selected: string | null
}

/** `lost`: ports that wires still leave by although the robot no longer has them. `input`: whether a wire can be seen to come in. */
export interface CardData extends Record<string, unknown> { info: Info; tone: Tone; lost: Port[]; input: boolean; wired: string[]; copyOf: string | null }
export interface WireData extends Record<string, unknown> { tone: PortTone; broken: boolean; faint: boolean; locked: boolean }
export type Card = Node<CardData, 'card'>
export type Line = Edge<WireData, 'wire'>

/** A few words next to what they belong to. */
export interface Tip { box: DOMRect; side: 'right' | 'above'; title: string; lines: string[]; bad: boolean }
