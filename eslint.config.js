import tseslint from 'typescript-eslint';

const neverUsed = [
  { selector: 'TSEnumDeclaration', message: 'Use a union of literals.' },
  { selector: 'Decorator', message: 'No decorators: plain code composes.' },
];
/** V8 makes an object that begins with a spread field by field from there on: microseconds instead of nanoseconds. */
const slowSpread = {
  selector: 'ObjectExpression > SpreadElement > ObjectExpression',
  message: 'Write the fields out: adding to a spread is a thousand times slower.',
};

/** Syntax-level rules only: types are the compiler's job, boundaries are test/unit/boundaries.test.ts. */
export default tseslint.config(
  { ignores: ['dist/', '.build/', 'node_modules/', 'data/'] },
  ...tseslint.configs.recommended,
  {
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      // A type and the value it is made from share their name (TypeBox schemas): wanted, not a slip.
      '@typescript-eslint/no-redeclare': 'off',
      '@typescript-eslint/no-unused-expressions': 'off', // chai
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'prefer-const': 'error',
      'no-restricted-syntax': ['error', ...neverUsed],
    },
  },
  // In tests a spread that only keeps lines short costs nobody anything.
  { ignores: ['test/**'], rules: { 'no-restricted-syntax': ['error', ...neverUsed, slowSpread] } },
  { files: ['cli/**', 'bench/**'], rules: { 'no-console': 'off' } },
  {
    files: ['domain/**'],
    rules: {
      'no-restricted-globals': ['error', 'process', 'setTimeout', 'setInterval', 'Buffer'],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Time is passed in.' },
        { object: 'Math', property: 'random', message: 'Draws are passed in.' },
      ],
    },
  },
);
