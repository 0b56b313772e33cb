"""Words outside the world and the nearest thing inside it: a lion is drawn as a cat, and the user is told so.

Plain tables, in the shape of `lexicon.SYNONYMS`: slot, word of the world, words that come nearest to it.
"""

from kinora.storybook.lexicon import Words, conjugate, plural


def _listed(words: str) -> tuple[str, ...]:
    return tuple(words.split(", "))


NEAR: dict[str, Words] = {
    "kind": {
        "girl": _listed("daughter, sister, princess, ballerina, fairy, mermaid, doll, baby, child, kid"),
        "boy": _listed("son, brother, prince, toddler, pupil, elf, dwarf"),
        "woman": _listed("grandmother, granny, queen, witch, teacher, nurse, bride, singer, dancer, aunt, wife"),
        "man": _listed(
            "grandfather, grandpa, king, wizard, pirate, knight, farmer, cowboy, policeman, chef, doctor, "
            "astronaut, clown, santa, fisherman, soldier, person, human, husband, uncle"
        ),
        "dog": _listed("wolf, husky, poodle, dalmatian, labrador, hyena, coyote, dingo, pug, beagle"),
        "cat": _listed("lion, tiger, leopard, panther, cheetah, lynx, puma, jaguar, lioness, cougar"),
        "fox": _listed("squirrel, raccoon, weasel, jackal, badger, otter, ferret, red panda"),
        "bear": _listed("panda, koala, elephant, hippo, rhino, gorilla, monkey, walrus, polar bear, grizzly, pig"),
        "rabbit": _listed("mouse, hamster, kangaroo, hedgehog, rat, guinea pig, frog, chipmunk, mole, beaver"),
        "bird": _listed(
            "eagle, owl, parrot, penguin, duck, chicken, swan, seagull, crow, pigeon, robin, butterfly, bee, "
            "bat, goose, rooster, hen, flamingo, stork, raven, dragonfly, plane, drone"
        ),
        "fish": _listed("shark, whale, dolphin, goldfish, octopus, seal, jellyfish, turtle, crab, salmon, trout"),
        "horse": _listed("donkey, zebra, unicorn, cow, deer, camel, goat, sheep, moose, giraffe, bull, llama"),
        "dragon": _listed("dinosaur, lizard, crocodile, monster, snake, t-rex, griffin, alligator, pterodactyl, beast"),
        "robot": _listed("alien, cyborg, machine, toy soldier, skeleton, snowman, mech, superhero, statue"),
        "car": _listed(
            "truck, bus, taxi, van, lorry, jeep, motorbike, bicycle, bike, tractor, scooter, cab, ambulance, "
            "fire engine, police car, racing car, limousine, motorcycle, tank, vehicle"
        ),
        "boat": _listed("yacht, canoe, raft, ferry, submarine, kayak, gondola, warship, sailing ship, steamer"),
        "train": _listed("tram, subway, metro, monorail, wagon, carriage, streetcar"),
        "rocket": _listed("airplane, aeroplane, jet, helicopter, ufo, shuttle, missile, satellite, flying saucer"),
        "ball": _listed("football, basketball, marble, globe, bubble, tennis ball, apple, pumpkin, planet, stone"),
        "balloon": _listed("hot-air balloon, airship, blimp, zeppelin, soap bubble, cloud, lantern"),
        "kite": _listed("glider, flag, paper plane, parachute, hang-glider, banner"),
        "tree": _listed("bush, flower, plant, oak, pine, palm, fir, cactus, apple tree, willow, mushroom"),
        "lamp": _listed("candle, lighthouse, street light, torch, lamp post, chandelier, light bulb, chair, table"),
        "umbrella": _listed("tent, beach umbrella, awning, canopy"),
    },
    "colour": {
        "red": _listed("maroon, burgundy, vermilion, cherry, rusty, copper"),
        "orange": _listed("peach, apricot, coral, bronze, salmon-coloured"),
        "yellow": _listed("cream, mustard, blonde, sandy-coloured, straw-coloured"),
        "green": _listed("olive, mint, khaki, teal, jade"),
        "blue": _listed("turquoise, cyan, indigo, aqua, cobalt, sky-blue"),
        "purple": _listed("magenta, mauve, aubergine, burgundy-violet"),
        "pink": _listed("fuchsia, flesh-coloured, salmon-pink"),
        "brown": _listed("beige, tan, bronze-brown, hazel, wooden, auburn"),
        "white": _listed("pale, pearly, cream-white, albino, transparent"),
        "grey": _listed("metallic, slate, steel, stone-grey, charcoal"),
        "black": _listed("dark, inky, sooty, raven-black"),
    },
    "pattern": {
        "spotted": _listed("freckled, leopard-print, patchy, starry"),
        "striped": _listed("checked, tartan, zebra-striped, plaid, checkered"),
    },
    "accessory": {
        "hat": _listed("crown, helmet, hood, bonnet, beret, beanie, top hat, wig"),
        "scarf": _listed("tie, bow tie, necklace, collar, cape, shawl, cloak"),
        "glasses": _listed("sunglasses, goggles, monocle, mask"),
    },
    "place": {
        "meadow": _listed("garden, park, farm, lawn, prairie, playground, savannah, orchard, countryside, field"),
        "forest": _listed("jungle, rainforest, grove, swamp, bamboo forest, thicket"),
        "beach": _listed("coast, island, bay, lagoon, lakeside, harbour, pier, riverbank"),
        "sea": _listed("lake, river, pond, pool, waterfall, underwater, reef, aquarium, stream, canal"),
        "snow": _listed("north pole, arctic, antarctica, glacier, ski slope, iceberg, tundra, ice rink"),
        "desert": _listed("sahara, canyon, wasteland, steppe, wild west, pyramids"),
        "city": _listed(
            "street, road, market, harbour town, paris, new york, london, tokyo, airport, train station, highway"
        ),
        "village": _listed("castle, cottage, farmyard, fairground, churchyard, medieval town, barn"),
        "mountains": _listed("cliff, volcano, valley, mountain, hill, himalayas, cave, peak"),
        "room": _listed("kitchen, bathroom, classroom, school, office, library, shop, cafe, hospital, attic, museum"),
        "stage": _listed("circus, arena, concert hall, opera, cinema, dance floor, nightclub, stadium"),
        "space": _listed("moon, mars, galaxy, universe, space station, orbit, milky way"),
    },
    "light": {
        "dawn": _listed("morning, breakfast time, cockcrow"),
        "noon": _listed("day, afternoon, lunchtime, sunshine, sunlight"),
        "sunset": _listed("twilight, late afternoon, gloaming"),
        "night": _listed("darkness, moonlight, bedtime, starlight"),
    },
    "weather": {
        "clear": _listed("sunny, cloudy, hot, windy"),
        "rain": _listed("storm, thunderstorm, hail, lightning, stormy, monsoon, wet"),
        "snow": _listed("blizzard, sleet, frost, icy, snowing"),
        "fog": _listed("smoke, steam, overcast, smog, dust storm"),
    },
    "action": {
        "stand": _listed("watch, smile, talk, sing, read, wave, stare, speak, laugh, cry, cook, write, paint"),
        "sit": _listed("kneel, crouch, relax, meditate, squat"),
        "walk": _listed("crawl, climb, sneak, limp, tiptoe, explore, hike, stumble, skate, parade"),
        "run": _listed("chase, flee, escape, hunt, play, charge, ski"),
        "jump": _listed("skip, vault, trampoline, somersault, pounce"),
        "bounce": _listed("dribble, ricochet"),
        "roll": _listed("slide, slip, rock"),
        "fall": _listed("crash down, sink, trip, land, collapse, faint"),
        "fly": _listed("flutter, swoop, take off, lift off, launch, blast off, levitate"),
        "drift": _listed("hang in the air, dangle, rise"),
        "swim": _listed("dive, snorkel, splash about"),
        "drive": _listed("steer, brake, arrive, depart, turn the corner"),
        "spin": _listed("roll over, revolve, swirl, twist"),
        "throw": _listed("kick, catch, juggle, pass, shoot"),
        "collide": _listed("fight, hit, push, ram"),
        "dance": _listed("waltz, celebrate, clap, breakdance, perform, party"),
        "sleep": _listed("rest, dream, snore, lie down, hibernate, yawn"),
        "eat": _listed("drink, bite, lick, taste, graze, feed"),
        "break": _listed("explode, melt, tear, split, crumble, vanish"),
    },
    "camera": {
        "pan": _listed("whip pan, truck sideways"),
        "tilt": _listed("crane shot, pedestal"),
        "zoom in": _listed("dolly in, crash zoom, magnify"),
        "zoom out": _listed("dolly out, reveal"),
        "track": _listed("dolly, orbit shot, steadicam, drone shot, gimbal"),
        "shake": _listed("earthquake, found footage, vibrate"),
    },
    "frame": {
        "medium": _listed("waist shot, two-shot, cowboy shot"),
        "wide": _listed("panorama, establishing shot, aerial view, bird's-eye view, landscape shot"),
        "close-up": _listed("macro, portrait, extreme close-up, headshot, face shot"),
        "low": _listed("frog perspective, ground-level shot, looking up shot"),
    },
    "relation": {
        "left of": _listed("to the west of"),
        "right of": _listed("to the east of, next to, beside, near, by the side of, alongside"),
        "above": _listed("on top of, on, upon, atop"),
        "below": _listed("underneath of, at the foot of, inside"),
        "in front of": _listed("facing towards, ahead of"),
        "behind": _listed("after, following, past, beyond"),
    },
    "instrument": {
        "piano": _listed("guitar, organ, keyboard, accordion, synthesizer, jazz, saxophone, clarinet, ukulele"),
        "strings": _listed("violin, cello, orchestra, flute, trumpet, symphony, horns, classical music, choir, viola"),
        "music box": _listed("harp, xylophone, bells music, glockenspiel, lullaby, celesta, chimes"),
        "drums": _listed("drum kit, bongos, beat, techno, rock music, hip hop, tambourine, electronic music, bass"),
    },
    "mood": {
        "happy": _listed("funny, silly, sunny-tempered, festive, romantic"),
        "sad": _listed("lonely, tragic, dark-minded, nostalgic, mysterious, scary, spooky, creepy"),
        "calm": _listed("ambient, sleepy, tender, light-hearted, serene, tranquil"),
        "exciting": _listed("tense, action-packed, heroic, wild, angry, suspenseful, intense, powerful"),
    },
    "tempo": {
        "slow": _listed("adagio, sluggish, lento, largo"),
        "medium": _listed("andante, walking-pace, steady-paced"),
        "fast": _listed("allegro, presto, frantic, hectic, speedy, lively"),
    },
    "ambience": {
        "waves": _listed("splashing shore, tide"),
        "rain": _listed("rainstorm sounds, dripping water"),
        "wind": _listed("gale, storm wind, rustling leaves, hurricane, whooshing"),
        "birds": _listed("nature sounds, cuckoo calls, forest sounds, seagull cries"),
        "crickets": _listed("insects, grasshoppers, night sounds, frogs croaking"),
        "city": _listed("crowd noise, chatter, people talking, cars passing, market noise"),
        "sea": _listed("underwater sounds, whale song, harbour sounds, water sounds"),
    },
    "effect": {
        "step": _listed("hoofbeats, stomping, knocking, tapping"),
        "splash": _listed("bubbles, gurgling, plop"),
        "bounce": _listed("thud, bump sound, pop sound"),
        "bark": _listed("howling, growling, roar, snarling"),
        "meow": _listed("purring, hissing cat, squeak"),
        "engine": _listed("vroom, revving, buzzing, humming machine"),
        "horn": _listed("siren, beep, foghorn, trumpet blast, alarm"),
        "whistle": _listed("toot, kettle, flute call"),
        "thunder": _listed("explosion, boom, cannon, fireworks, bang"),
        "bell": _listed("ding, gong, telephone, church bells, doorbell, clock chime"),
    },
}


def near_readings() -> dict[str, tuple[str, str]]:
    """Return every word outside the world, in all its forms, with the (slot, word) that stands in for it."""
    table: dict[str, tuple[str, str]] = {}
    for slot, values in NEAR.items():
        for value, words in values.items():
            for word in words:
                for form in _forms(slot, word):
                    table.setdefault(form, (slot, value))
    return table


def _forms(slot: str, word: str) -> tuple[str, ...]:
    if slot == "kind":
        return word, plural(word)
    if slot == "action":
        return word, *(conjugate(word, form) for form in ("third", "participle", "past"))
    return (word,)
