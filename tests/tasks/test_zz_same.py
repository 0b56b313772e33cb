import hashlib
from collections import Counter
import numpy as np, torch, time
from kinora.request import Request
from kinora.tasks.generate import plan
from kinora.tasks.render import decoded, fill, render
from kinora.media.decode import read_clip
from kinora.media.encode import write_mp4
from kinora.media.sound import master
FOX = Request(prompt="a red fox in the snow", seconds=1, steps=3, size="96x96")
def test_it(model, tmp_path):
    (shot,) = plan(FOX, 5)
    h=lambda a: hashlib.sha256(a.tobytes()).hexdigest()[:6]
    lat, dec, enc, rd, wav = Counter(),Counter(),Counter(),Counter(),Counter()
    t0=time.time(); n=0
    while time.time()-t0<150:
        n+=1
        l=fill(shot, FOX.prompt, FOX, model, lambda a,b:None); lat[h(l["video"].numpy())]+=1
        c=decoded(l,shot,model,12); dec[h(c.array())]+=1; wav[h(c.sound)]+=1
        write_mp4(c, tmp_path/"s.mp4"); enc[hashlib.sha256((tmp_path/"s.mp4").read_bytes()).hexdigest()[:6]]+=1
        if n%5==0: rd[h(read_clip(tmp_path/"s.mp4").array())]+=1
    print("ROWS"); [print("R",r) for r in (n,lat,dec,wav,enc,rd)]
    assert 0
