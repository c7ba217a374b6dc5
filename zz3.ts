import { GENERATED, load } from "./test/scenarios/fixtures.ts";
import { readYaml } from "./scenarios/load/yaml.ts";
import { Problems, Findings } from "./scenarios/load/problems.ts";
import { checkSchema } from "./scenarios/load/schema-check.ts";
import { readRatesFile } from "./scenarios/rates-file.ts";
for (let k=0;k<3;k++){
let t=performance.now(); for(let i=0;i<200;i++) load(GENERATED); console.log("load",(performance.now()-t)/200);
t=performance.now(); for(let i=0;i<200;i++) readYaml(GENERATED,(line,column)=>({file:"x",line,column}),new Problems()); console.log("yaml",(performance.now()-t)/200);
const tree=readYaml(GENERATED,(line,column)=>({file:"x",line,column}),new Problems())!;
t=performance.now(); for(let i=0;i<200;i++) checkSchema(tree,new Findings(tree,new Problems())); console.log("schema",(performance.now()-t)/200);
t=performance.now(); for(let i=0;i<200;i++) readRatesFile("fx-usd-daily.csv"); console.log("rates",(performance.now()-t)/200);
}
