import time
from tests.operate.measured import ITEMS
def test_it(shop, capsys, owner_url, admin_url):
    shop.receive(PROD001="100000", PROD002="100000")
    shop.api.call("update_record", {"credit_limit":"900000000.00"}, path={"resource":"customers","id":"CUST001"}, headers={"If-Match":'"1"'}).expect(200)
    out=[]
    for i in range(60):
        a=time.perf_counter(); c=time.process_time()
        shop.api.call("create_invoice", {"customer": "CUST001", "items": ITEMS}).expect(201).json
        out.append((round((time.perf_counter()-a)*1000),round((time.process_time()-c)*1000)))
    with capsys.disabled(): print(out)
