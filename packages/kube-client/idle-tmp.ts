import { createClient, loadKubeConfig } from '@proa/kube-client'
const client = createClient(await loadKubeConfig({ env: process.env }))
const list = await client.list({apiVersion:'v1',kind:'ConfigMap',namespace:'client-idle'})
const t=performance.now(); const abort=new AbortController(); setTimeout(()=>abort.abort(), 420_000)
try { for await (const e of client.watch({apiVersion:'v1',kind:'ConfigMap',namespace:'client-idle',resourceVersion:list.resourceVersion}, abort.signal)) console.log(Math.round((performance.now()-t)/1000), e.type, 'resourceVersion' in e ? e.resourceVersion : '') } catch(e) { console.log(e) }
console.log('ended', Math.round((performance.now()-t)/1000)); client.close()
