import json, psycopg
import importlib
from bigledger.kernel.database import transaction
from bigledger.kernel import runtime
queries = importlib.import_module("bigledger.inventory.queries")
availability = importlib.import_module("bigledger.inventory.availability")
stock_reservations = importlib.import_module("bigledger.inventory.stock_reservations")

def test_plans(shop, owner_url):
    t = str(shop.api.tenant_id)
    with psycopg.connect(owner_url) as c:
        c.execute("SELECT set_config('app.tenant_id', %s, true)", [t])
        c.execute("""INSERT INTO kernel.document (id,type,number,status,data,version,sequence,created_by,updated_by)
          SELECT gen_random_uuid(),'product','X'||n,'active','{"name":"x","kind":"stock","unit":"EA"}',1,0,'a','a' FROM generate_series(1,20000) n""")
        loc = c.execute("SELECT id FROM kernel.document WHERE type='location'").fetchone()[0]
        c.execute("""INSERT INTO inventory.stock_move (id,document_id,line,product_id,location_id,quantity,unit_cost,value,effective_date)
          SELECT gen_random_uuid(), id,1,id,%s,10,1,10,'2026-11-01' FROM kernel.document WHERE type='product'""",[loc])
        c.execute("""INSERT INTO kernel.document (id,type,status,data,version,sequence,created_by,updated_by)
          SELECT gen_random_uuid(),'stock_reservation', case when random()<0.02 then 'active' else 'released' end,'{}',1,0,'a','a' FROM kernel.document WHERE type='product'""")
        c.execute("""INSERT INTO inventory.reservation (reservation_id,entry,document_id,product_id,location_id,quantity,reason,expires_at)
          SELECT gen_random_uuid(),1,d.id,p.id,%s,1,'reserved','2026-11-01' FROM (SELECT id,row_number() over() r FROM kernel.document WHERE type='stock_reservation') d JOIN (SELECT id,row_number() over() r FROM kernel.document WHERE type='product') p USING (r)""",[loc])
    with psycopg.connect(owner_url, autocommit=True) as c:
        c.execute("ANALYZE")
    def explain(sql, **p):
        with transaction() as o:
            o.rows("SELECT * FROM kernel.open(:t,:i,NULL,NULL)", t=t, i=runtime.clock.now().isoformat())
            out = "\n".join(r[0] for r in o.rows("EXPLAIN (ANALYZE, COSTS OFF) " + sql, **p))
            print("=====", "SEQ" if "Seq Scan" in out else "ok", out.splitlines()[-1]); print(out if "Seq Scan" in out else "")
    explain(queries._FOUND, products=json.dumps([f"X{n}" for n in range(1,200)]+[str(loc)]), locations=json.dumps([str(loc)]), supplier=None)
    explain(availability._AVAILABILITY, product="X77", location=None)
    explain(stock_reservations._DUE, limit=200)
    with transaction() as o:
        o.rows("SELECT * FROM kernel.open(:t,:i,NULL,NULL)", t=t, i=runtime.clock.now().isoformat())
        d = o.rows("SELECT id::text FROM kernel.document WHERE type='stock_reservation' LIMIT 1")[0][0]
    explain(stock_reservations._ONE, id=d)
    explain(f"SELECT {queries.open_reservations_json('cast(:document AS uuid)')}::text", document=d)
    assert 0
