import { Anchor, Group, Image, Text } from "@mantine/core";
import { IconPaperclip } from "@tabler/icons-react";
import { type Attachment, fileUrl } from "../api/client";

const SHOWN = /^image\/(png|jpeg|gif|webp)$/;

export function Files({ files }: { files: Attachment[] }) {
  return files.map((file) => {
    if (!file.blob) {
      return (
        <Text key={file.name} size="xs" c="var(--desk-bad)">
          {file.name}: {file.error}
        </Text>
      );
    }
    return (
      <Anchor
        key={file.blob}
        href={fileUrl(file)}
        target="_blank"
        rel="noopener"
        size="sm"
        c="inherit"
        underline="always"
      >
        {SHOWN.test(file.content_type) ? (
          <Image src={fileUrl(file)} alt={file.name} mah={260} w="auto" maw="100%" fit="contain" radius="sm" mt={4} />
        ) : (
          <Group gap={4} mt={4}>
            <IconPaperclip size={14} />
            <bdi>{file.name}</bdi>
          </Group>
        )}
      </Anchor>
    );
  });
}
