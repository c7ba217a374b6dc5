import { GENERATED, load } from "./test/scenarios/fixtures.ts";
for(let i=0;i<600;i++) load(GENERATED);
