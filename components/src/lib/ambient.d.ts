declare module '*.css' {
  const text: string
  export default text
}
declare module 'virtual:icons/*' {
  const paths: Record<string, string>
  export default paths
}
