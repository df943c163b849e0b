import time
from tests.support.world import make_tenant, world_clock
from tests.support.shop import Shop
from tests.support.sql import by_hand
from tests.support.events import deliver
from bigledger.integrity import CHECKS
from bigledger.integrity.running import statement
def test_scale(owner_url):
    with world_clock():
        s=Shop(make_tenant("x")); s.receive(PROD001="100000")
        done=0
        for n in (300, 1500):
            t=time.time()
            while done<n:
                i=s.invoice("CUST002"); done+=1
                if done%3==0: s.pay("1200.00","CUST002",allocations=[{"invoice":i["number"]}])
            if n==300: deliver(s.api)
            print("made", n, time.time()-t)
            for analyze in (False, True):
                import psycopg
                if analyze:
                    with psycopg.connect(owner_url, autocommit=True) as c:
                        for tbl in ("kernel.document","kernel.event","kernel.idempotency","kernel.outbox","kernel.document_link","ledger.journal_line","ledger.open_item","ledger.settlement","ledger.open_item_balance","inventory.reservation","inventory.reservation_balance","receivables.exposure_entry","reporting.sale"): c.execute("ANALYZE "+tbl)
                t=time.time(); r=s.api.call("run_checks",{}).expect(200); print(n, "analyzed" if analyze else "fresh", "whole", round(time.time()-t,3), r.json["passed"])
                with by_hand(s.api) as c:
                    out=[]
                    for ch in CHECKS:
                        t=time.time(); c.execute(statement([ch]).replace(":evidence","20").replace('%','%%'), []).fetchall(); out.append((round((time.time()-t)*1000), ch.name))
                    print(sorted(out)[::-1][:9])
