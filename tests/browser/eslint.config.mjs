// What tsc does not see, over reports/web/src (copied to web/src beside this file by run.cmake).
import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(eslint.configs.recommended, ...tseslint.configs.strictTypeChecked, {
  languageOptions: {parserOptions: {project: './web/tsconfig.json', tsconfigRootDir: import.meta.dirname}},
  rules: {
    // `!` stands where an index or a map's key is known to be there; noUncheckedIndexedAccess is off for the same reason.
    '@typescript-eslint/no-non-null-assertion': 'off',
    '@typescript-eslint/no-unnecessary-condition': 'off',
    '@typescript-eslint/no-misused-spread': ['error', {allow: ['string']}],  // code points are what is counted
    '@typescript-eslint/no-confusing-void-expression': 'off',
    '@typescript-eslint/restrict-template-expressions': ['error', {allowNumber: true, allowBoolean: true}],
    // The page never parses text as HTML and never runs text as code.
    'no-eval': 'error',
    'no-restricted-properties': ['error', {property: 'innerHTML'}, {property: 'outerHTML'}, {property: 'insertAdjacentHTML'}, {object: 'document', property: 'write'}],
  },
});
