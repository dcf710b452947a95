"""The web side of the house, between the network and the pages: what server.py is built from.

It lies under pages/ because the top level of the project is fixed and because it shares one decision with the screens: who somebody is
(pages/frame/identity.py). Nothing here draws, and no screen imports from here but the settings of the server.

setup      what the environment says: hosts, proxies, who may read the metrics
doorman    who a request or websocket comes from, and whether it may pass
wanted     back to the link one came by, after signing in
layers     Watch → Secured → host check → Doorman → Wanted → Streamlit; plain ASGI, so the websocket passes through the same ones
health     /healthz, /readyz, /metrics, and what is counted for them
log        the application log
"""
