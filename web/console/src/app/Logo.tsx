export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" style={{ flex: "none" }}>
      <rect width="32" height="32" rx="8" fill="#3b5bdb" />
      <path d="M8 9h16v11H15l-5 4v-4H8z" fill="#fff" />
    </svg>
  );
}
